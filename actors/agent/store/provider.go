package store

import (
	"encoding/json"

	v1 "mesos/messages/mesos/v1"
)

// Provider is a resource provider that got its id here.
type Provider struct {
	Info *v1.ResourceProviderInfo // with its id
	Gone bool                     // marked so by an operator: it never comes back
}

type providerRow struct {
	Info []byte `json:"info"`
	Gone bool   `json:"gone,omitempty"`
}

// PutProvider keeps a resource provider, or what has changed about it.
func PutProvider(p Provider) Write {
	return put(providers, []byte(p.Info.GetId().GetValue()), toJSON(providerRow{bytesOf(p.Info), p.Gone}))
}

func (s *State) addProvider(value []byte) error {
	var row providerRow
	if err := json.Unmarshal(value, &row); err != nil {
		return err
	}
	p := Provider{&v1.ResourceProviderInfo{}, row.Gone}
	s.Providers = append(s.Providers, p)
	return decode(row.Info, p.Info)
}
