package images

import (
	"fmt"

	"github.com/google/go-containerregistry/pkg/name"
)

// Credential is who pulls an image, as a docker config.json says.
type Credential struct {
	Registry                                         string // that of the image
	Username, Password, IdentityToken, RegistryToken string // "" for what is not said
}

// CredentialFor finds in a docker config.json (empty: none) who pulls an image; nil
// and no error if it names nobody for that registry. Errors hold no secrets.
func CredentialFor(config []byte, image string) (*Credential, error) {
	known, err := parseCredentials(config)
	if err != nil {
		return nil, err
	}
	ref, err := name.ParseReference(image)
	if err != nil {
		return nil, fmt.Errorf("image %q: %w", image, err)
	}
	at := ref.Context().RegistryStr()
	c, ok := known[at]
	if !ok {
		return nil, nil //nolint:nilnil // as said above
	}
	return &Credential{Registry: at, Username: c.Username, Password: c.Password, IdentityToken: c.IdentityToken, RegistryToken: c.RegistryToken}, nil
}
