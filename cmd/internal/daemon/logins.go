package daemon

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"mesos/actors/authentication"
	"mesos/actors/master"
	"mesos/cmd/flags"
)

// loginsFrom reads which agents and drivers a master hears.
func loginsFrom(f *flags.Set, c *master.Config, log *slog.Logger) (err error) {
	c.AuthenticateAgents, c.AuthenticateFrameworks = f.Bool("authenticate_agents"), f.Bool("authenticate_frameworks")
	c.AuthenticationTimeout = f.Duration("authentication_v0_timeout")
	if c.Credentials, err = credentialsFrom(f, "credentials", log); err != nil || c.Credentials != nil {
		return err
	}
	for name, asked := range map[string]bool{"authenticate_agents": c.AuthenticateAgents, "authenticate_frameworks": c.AuthenticateFrameworks} {
		if asked {
			return needsCredentials(name, "credentials")
		}
	}
	return nil
}

func needsCredentials(name, credentials string) error {
	return fmt.Errorf("flag --%s needs --%s: the file of the principals that are known and their secrets", name, credentials)
}

// credentialFrom reads what a program authenticates with, nil for no file.
func credentialFrom(path, flag string, log *slog.Logger) (*authentication.Credential, error) {
	if path == "" {
		return nil, nil
	}
	own, err := authentication.ReadCredential(path)
	if err != nil {
		return nil, fmt.Errorf("flag --%s: %w", flag, err)
	}
	warnReadable(flag, path, log)
	return own, nil
}

// frameworkCredential reads what marathon or chronos authenticates with, by the flags that those have: a principal,
// and a file that holds nothing but its secret. Without the file it only goes by the principal.
func frameworkCredential(f *flags.Set, log *slog.Logger) (principal string, own *authentication.Credential, err error) {
	principal, path := f.String("mesos_authentication_principal"), f.String("mesos_authentication_secret_file")
	if path == "" {
		return principal, nil, nil
	}
	if principal == "" {
		return "", nil, fmt.Errorf("flag --mesos_authentication_secret_file needs --mesos_authentication_principal: whose secret it is")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, fmt.Errorf("flag --mesos_authentication_secret_file: %w", err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return "", nil, fmt.Errorf("flag --mesos_authentication_secret_file: %s is empty: it must hold the secret", path)
	}
	warnReadable("mesos_authentication_secret_file", path, log)
	return principal, &authentication.Credential{Principal: principal, Secret: secret}, nil
}
