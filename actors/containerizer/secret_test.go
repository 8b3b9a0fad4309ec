package containerizer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/fetcher"
	"mesos/isolators/catalog"
	"mesos/isolators/secrets"
	v1 "mesos/messages/mesos/v1"
)

// withReference has a command's variable TOKEN be a secret called token.
func withReference(c *v1.CommandInfo) *v1.CommandInfo {
	c.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{
		Name: proto.String("TOKEN"), Type: v1.Environment_Variable_SECRET.Enum(),
		Secret: &v1.Secret{Type: v1.Secret_REFERENCE.Enum(), Reference: &v1.Secret_Reference{Name: proto.String("token")}},
	}}}
	return c
}

// TestSecretVariable looks a secret up, with mesos-init and without.
func TestSecretVariable(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("geheim"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := catalog.Options{Secrets: secrets.Dir(dir)}
	set, err := catalog.New("environment_secret,posix/cpu", o)
	if err != nil {
		t.Fatal(err)
	}
	f := fetcher.New(fetcher.Options{})
	plain, err := NewPosix(Options{Fetcher: f, Isolation: &Isolation{Set: set}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		plain.Close()
		f.Close()
	})
	look := func(t *testing.T, p *Posix) {
		c := config(t, "c", withReference(shell(`echo "$TOKEN"`)))
		c.Environment = append(c.Environment, "TOKEN=old")
		if run(t, p, c); read(t, c.Sandbox, "stdout") != "geheim\n" {
			t.Errorf("got %q, want the secret", read(t, c.Sandbox, "stdout"))
		}
	}
	t.Run("posix", func(t *testing.T) { look(t, plain) })
	t.Run("linux", func(t *testing.T) { look(t, newIsolatedBy(t, "environment_secret", o)) })
}

// TestSecretsNeedTheIsolator wants no command to run without its secrets.
func TestSecretsNeedTheIsolator(t *testing.T) {
	if os.Getenv(isolatedVariable) != "" {
		t.Skip("this is without")
	}
	p := newPosix(t)
	if _, err := p.Launch(t.Context(), config(t, "c", withReference(shell("true")))); err == nil || !strings.Contains(err.Error(), `"TOKEN": secrets by reference need`) {
		t.Errorf("got %v, want an error that names the variable", err)
	}
}
