package oversubscription

import (
	"fmt"
	"math"
)

// Load ends all that is lent while the machine's load is above a threshold.
type Load struct{ five, fifteen float64 } // +Inf: any load will do

// NewLoad reads its parameters load_threshold_5min and load_threshold_15min, of which one may be left out.
func NewLoad(p Parameters) (*Load, error) {
	l := &Load{}
	var err error
	if l.five, err = p.number("load_threshold_5min", math.Inf(1), math.MaxFloat64); err != nil {
		return nil, err
	}
	if l.fifteen, err = p.number("load_threshold_15min", math.Inf(1), math.MaxFloat64); err != nil {
		return nil, err
	}
	if math.IsInf(l.five, 1) && math.IsInf(l.fifteen, 1) {
		return nil, fmt.Errorf("parameters: load_threshold_5min or load_threshold_15min must be set")
	}
	return l, nil
}

// Corrections implements Controller.
func (l *Load) Corrections(u Usage) (out []Correction) {
	why := ""
	switch m := u.Machine; {
	case m.Load5 > l.five:
		why = fmt.Sprintf("the machine's load of 5 minutes is %.2f, above %v", m.Load5, l.five)
	case m.Load15 > l.fifteen:
		why = fmt.Sprintf("the machine's load of 15 minutes is %.2f, above %v", m.Load15, l.fifteen)
	default:
		return nil
	}
	for _, e := range u.Executors {
		if e.Lent() {
			out = append(out, correct(e, why))
		}
	}
	return out
}
