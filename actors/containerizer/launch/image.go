package launch

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// ImageVariable is the variable by which the command executor learns that it
// runs in an image, and what that says about the command: an Image as JSON.
const ImageVariable = "MESOS_TASK_IMAGE"

// Image is what an image says about the command that runs in it.
type Image struct {
	Entrypoint []string `json:"entrypoint,omitempty"`
	Cmd        []string `json:"cmd,omitempty"`
	WorkingDir string   `json:"working_dir,omitempty"` // "" leaves the sandbox
	User       *UserIDs `json:"user,omitempty"`        // nil leaves who runs it
}

// UserIDs are the numbers of a user that the machine need not know.
type UserIDs struct {
	UID uint32 `json:"uid"`
	GID uint32 `json:"gid"`
}

// ImageFrom finds the Image in an environment, nil if there is none.
func ImageFrom(env []string) (*Image, error) {
	text := Getenv(env, ImageVariable)
	if text == "" {
		return nil, nil
	}
	img := &Image{}
	if err := json.Unmarshal([]byte(text), img); err != nil {
		return nil, fmt.Errorf("variable %s: %w", ImageVariable, err)
	}
	return img, nil
}

// Variable is the entry of an environment that ImageFrom finds.
func (m *Image) Variable() (string, error) {
	b, err := json.Marshal(m)
	return ImageVariable + "=" + string(b), err
}

// Command is what runs in the image for a CommandInfo. One with a value says all
// itself. Without one (and without shell) the entrypoint of the image runs,
// or else its cmd, followed by the arguments; cmd takes the place of arguments that
// are not given.
func (m *Image) Command(c *v1.CommandInfo) (*v1.CommandInfo, error) {
	if c.GetValue() != "" || c.GetShell() {
		return c, nil
	}
	words := slices.Clone(m.Entrypoint)
	switch given := c.GetArguments(); {
	case len(m.Entrypoint) == 0 && len(m.Cmd) == 0:
		return nil, fmt.Errorf("%w: command.value is empty, and the image names neither an entrypoint nor a cmd", ErrCommand)
	case len(m.Entrypoint) == 0:
		words = append(slices.Clone(m.Cmd), given...)
	case len(given) > 0:
		words = append(words, given...)
	default:
		words = append(words, m.Cmd...)
	}
	out := proto.CloneOf(c)
	out.Value, out.Arguments = &words[0], words
	return out, nil
}

// ImageEnviron lays the variables of an image under those of a container: they win
// over what the agent gives every container, PATH above all, and neither over what
// the command itself names nor over what tells about the container.
func ImageEnviron(env, image []string, c *v1.CommandInfo) ([]string, error) {
	out := slices.Clone(env)
	for _, entry := range image {
		name, _, ok := strings.Cut(entry, "=")
		named := slices.ContainsFunc(c.GetEnvironment().GetVariables(), func(v *v1.Environment_Variable) bool { return v.GetName() == name })
		if ok && name != "" && !named && !strings.HasPrefix(name, "MESOS_") && !strings.HasPrefix(name, "LIBPROCESS_") {
			out = append(out, entry)
		}
	}
	return Environ(out, nil)
}
