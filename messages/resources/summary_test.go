package resources

import (
	"slices"
	"testing"
)

func TestSummary(t *testing.T) {
	for _, c := range []struct {
		r    Resources
		want []SummaryField
	}{
		{Resources{}, []SummaryField{{"cpus", 0.0}, {"gpus", 0.0}, {"mem", 0.0}, {"disk", 0.0}}},
		{
			MustParse("ports:[31000-31000,31003-32000];ports(a):[31001-31001];zoo:1.5;disks:{b};disks(a):{a};cpus:4;cpus(a):0.5;mem:64"),
			[]SummaryField{{"cpus", 4.5}, {"gpus", 0.0}, {"mem", 64.0}, {"disk", 0.0},
				{"disks", "{a, b}"}, {"ports", "[31000-31001, 31003-32000]"}, {"zoo", 1.5}},
		},
		{
			from(t, cpus, cpus+`revocable {}`, cpus+`revocable {} role: "a"`, `name: "cpus_a" type: SCALAR scalar { value: 7 }`, volume+`shared {}`, volume+`shared {}`),
			[]SummaryField{{"cpus", 1.0}, {"gpus", 0.0}, {"mem", 0.0}, {"disk", 16.0}, {"cpus_a", 7.0}, {"cpus_revocable", 2.0}},
		},
		{
			from(t, `name: "x" type: SCALAR scalar { value: 7 }`, `name: "x" type: SET set { item: "i" }`),
			[]SummaryField{{"cpus", 0.0}, {"gpus", 0.0}, {"mem", 0.0}, {"disk", 0.0}, {"x", 7.0}},
		},
	} {
		if got := c.r.Summary(); !slices.Equal(got, c.want) {
			t.Errorf("(%v).Summary\n got %v\nwant %v", c.r, got, c.want)
		}
	}
}

func TestQuantities(t *testing.T) {
	parse := func(text string) Quantities {
		q, err := ParseQuantities(text)
		if err != nil {
			t.Fatalf("ParseQuantities(%q): %v", text, err)
		}
		return q
	}
	for _, c := range []struct{ a, b, sum, left string }{
		{"cpus:0.01;mem:32", "mem:2;disk:1", "cpus:0.01; disk:1; mem:34", "cpus:0.01; mem:30"},
		{"cpus:1", "cpus:2", "cpus:3", "{}"},
		{"", "cpus:2", "cpus:2", "{}"},
		{"a:1;c:1", "b:1;d:1", "a:1; b:1; c:1; d:1", "a:1; c:1"},
		{"a:0;a:1;a:1", "{}", "a:2", "a:2"},
	} {
		a, b := parse(c.a), parse(c.b)
		if got := a.Add(b).String(); got != c.sum {
			t.Errorf("(%v).Add(%v) = %v, want %v", a, b, got, c.sum)
		}
		if got := a.Sub(b).String(); got != c.left {
			t.Errorf("(%v).Sub(%v) = %v, want %v", a, b, got, c.left)
		}
		if !a.Add(b).Contains(b) || !parse(a.Add(b).String()).Equal(a.Add(b)) {
			t.Errorf("%v + %v does not contain the latter, or does not read back", a, b)
		}
		if b.Sub(a).IsEmpty() != a.Contains(b) {
			t.Errorf("(%v).Contains(%v) = %v, want %v", a, b, a.Contains(b), b.Sub(a).IsEmpty())
		}
		if got := QuantitiesFrom(a.All()); !got.Equal(a) || got.Len() != a.Len() {
			t.Errorf("QuantitiesFrom(%v) = %v", a, got)
		}
	}
	for _, text := range []string{"cpus", "cpus:", ":1", "cpus:-1", "cpus:[1-2]", "cpus:x", "cpus:1e300", "cpus:0.0001"} {
		if q, err := ParseQuantities(text); err == nil {
			t.Errorf("ParseQuantities(%q) = %v, want an error", text, q)
		}
	}
}

func TestQuantityText(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{4, "4"}, {0.5, "0.5"}, {0.001, "0.001"}, {0.0005, "0.001"}, {0.0004, "0"}, {1.2345, "1.235"}, {-1.5, "-1.5"}, {-0.25, "-0.25"},
		{10240.01, "10240.01"}, {9007199254740.992, "9007199254740.992"}, {0.1 + 0.2, "0.3"},
	} {
		if got := FromFloat(c.f); got.String() != c.want {
			t.Errorf("FromFloat(%v) = %v, want %v", c.f, got, c.want)
		}
	}
	for q := Quantity(1); q <= maxQuantity; q = q*3 + 1 {
		if got := FromFloat(q.Float()); got != q {
			t.Errorf("FromFloat(%v.Float()) = %v", q, got)
		}
	}
}
