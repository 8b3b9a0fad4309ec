package model

import (
	"encoding/json"
	"fmt"
	"slices"
)

// GroupUpdate is a group as clients send it.
type GroupUpdate struct {
	ID           string            `json:"id"`
	Apps         []json.RawMessage `json:"apps"`
	Pods         []json.RawMessage `json:"pods"`
	Groups       []json.RawMessage `json:"groups"`
	Dependencies []string          `json:"dependencies"`
	ScaleBy      *float64          `json:"scaleBy"`
	EnforceRole  bool              `json:"enforceRole"`
	Version      Timestamp         `json:"version"` // goes back to that version
}

// Group is what is kept of one group: what it holds is known by its ids.
type Group struct {
	ID           string    `json:"id"`
	Dependencies []string  `json:"dependencies"`
	Version      Timestamp `json:"version"`
}

// GroupChange is what a GroupUpdate asks for.
type GroupChange struct {
	ID      string
	Groups  []Group // with the group itself
	Specs   []*Spec
	ScaleBy float64   // 0: not asked for
	Version Timestamp // to go back to
}

// DecodeGroup reads a group, with all that is in it; apps have their defaults and
// are valid. base is the group that its id stands in.
func DecodeGroup(data []byte, base, id string) (*GroupChange, error) {
	c := &GroupChange{}
	if err := c.read(data, base, id, 0); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, s := range c.Specs {
		if seen[s.ID()] {
			return nil, &Invalid{[]Problem{{"/apps", []string{s.ID() + " is there twice"}}}}
		}
		seen[s.ID()] = true
	}
	return c, nil
}

// deepest is how deep groups may be nested.
const deepest = 50

func (c *GroupChange) read(data []byte, base, id string, depth int) error {
	var u GroupUpdate
	if err := decode(data, &u); err != nil {
		return err
	}
	if id != "" {
		u.ID = id
	}
	var p problems
	p.need(depth < deepest, "/groups", "are nested deeper than %d", deepest)
	self := Resolve(base, u.ID)
	p.need(u.ID != "" || depth == 0, "/groups/id", "must be set")
	p.need(Within(self, Resolve(Root, base)) || depth == 0, "/groups/id", "%s is not within %s", self, base)
	if text := CheckID(self); text != "" {
		p.add("/id", "%s", text)
	}
	p.need(!u.EnforceRole, "/enforceRole", "is not supported")
	p.need(u.ScaleBy == nil || depth == 0 && *u.ScaleBy > 0, "/scaleBy", "must be more than 0, and of the outermost group")
	if err := p.err(); err != nil {
		return err
	}
	if depth == 0 {
		c.ID, c.Version = self, u.Version
		if u.ScaleBy != nil {
			c.ScaleBy = *u.ScaleBy
		}
	}
	g := Group{ID: self, Dependencies: []string{}}
	for _, d := range u.Dependencies {
		g.Dependencies = append(g.Dependencies, Resolve(self, d))
	}
	c.Groups = append(c.Groups, g)
	if err := c.readSpecs(u, self); err != nil {
		return err
	}
	for i, inner := range u.Groups {
		if err := c.read(inner, self, "", depth+1); err != nil {
			return within(err, fmt.Sprintf("/groups(%d)", i))
		}
	}
	return nil
}

func (c *GroupChange) readSpecs(u GroupUpdate, self string) error {
	for i, raw := range u.Apps {
		a, err := DecodeApp(raw, self, "")
		if err != nil {
			return within(err, fmt.Sprintf("/apps(%d)", i))
		}
		if err := inGroup(a.ID, self, fmt.Sprintf("/apps(%d)/id", i)); err != nil {
			return err
		}
		c.Specs = append(c.Specs, &Spec{App: a})
	}
	for i, raw := range u.Pods {
		d, err := DecodePod(raw, self, "")
		if err != nil {
			return within(err, fmt.Sprintf("/pods(%d)", i))
		}
		if err := inGroup(d.ID, self, fmt.Sprintf("/pods(%d)/id", i)); err != nil {
			return err
		}
		c.Specs = append(c.Specs, &Spec{Pod: d})
	}
	return nil
}

func inGroup(id, group, path string) error {
	var p problems
	p.need(Parent(id) == group, path, "%s is not in the group %s", id, group)
	return p.err()
}

// within puts a path before those of an error.
func within(err error, path string) error {
	inv, ok := err.(*Invalid) //nolint:errorlint // the decoders return it bare
	if !ok {
		return err
	}
	out := &Invalid{Problems: slices.Clone(inv.Problems)}
	for i := range out.Problems {
		out.Problems[i].Path = path + out.Problems[i].Path
	}
	return out
}
