package registry

import (
	"context"
	"fmt"
)

// Read reads all rows that load gives, and checks them.
func Read(ctx context.Context, load func(context.Context, func(Row) error) error) (*State, error) {
	s := NewState()
	if err := load(ctx, s.add); err != nil {
		return nil, err
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	return s, nil
}

// Rows are the state as a store keeps it.
func (s *State) Rows() ([]Row, error) {
	var out []Row
	for _, t := range Tables {
		for _, key := range s.Keys(t) {
			row, err := put(t, key, s.rows[t][key]).row()
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	return out, nil
}

// Split cuts rows into writes that a store takes, in their order. A row that is
// larger than it takes is an error that wraps [ErrTooLarge].
func (l Limits) Split(rows []Row) ([][]Row, error) {
	var out [][]Row
	begin, bytes := 0, 0
	for i, r := range rows {
		if len(r.Value) > l.Bytes {
			return nil, fmt.Errorf("row %q of table %s has %d bytes, %d at most can be kept: %w", r.Key, r.Table, len(r.Value), l.Bytes, ErrTooLarge)
		}
		if i-begin == l.Rows || l.Write > 0 && i > begin && bytes+len(r.Value) > l.Write {
			out = append(out, rows[begin:i])
			begin, bytes = i, 0
		}
		bytes += len(r.Value)
	}
	if begin < len(rows) {
		out = append(out, rows[begin:])
	}
	return out, nil
}
