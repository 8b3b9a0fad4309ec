package validation

import (
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

func TestCallPrincipal(t *testing.T) {
	call := func(kind schedulerv1.Call_Type, principal *string) *schedulerv1.Call {
		return &schedulerv1.Call{Type: kind.Enum(), Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: &v1.FrameworkInfo{Principal: principal}}}
	}
	for _, c := range []struct {
		call      *schedulerv1.Call
		principal string
		ok        bool
	}{
		{call(schedulerv1.Call_SUBSCRIBE, proto.String("a")), "a", true},
		{call(schedulerv1.Call_SUBSCRIBE, proto.String("a")), "", true}, // nobody was asked
		{call(schedulerv1.Call_SUBSCRIBE, nil), "a", true},
		{call(schedulerv1.Call_SUBSCRIBE, proto.String("b")), "a", false},
		{call(schedulerv1.Call_REVIVE, proto.String("b")), "a", true}, // what it subscribed with counts
		{&schedulerv1.Call{Type: schedulerv1.Call_SUBSCRIBE.Enum()}, "a", true},
	} {
		if err := CallPrincipal(c.call, c.principal); (err == nil) != c.ok {
			t.Errorf("%v of %q: got %v, want it to be accepted: %v", c.call, c.principal, err, c.ok)
		}
	}
}

func TestOperationPrincipal(t *testing.T) {
	reserve := func(r *v1.Resource) *v1.Offer_Operation {
		return &v1.Offer_Operation{Reserve: &v1.Offer_Operation_Reserve{Resources: []*v1.Resource{r}}}
	}
	a, b := proto.String("a"), proto.String("b")
	for _, c := range []struct {
		name string
		op   *v1.Offer_Operation
		want string
	}{
		{"no principal", reserve(&v1.Resource{Reservation: &v1.Resource_ReservationInfo{}}), ""},
		{"his own", reserve(&v1.Resource{Reservation: &v1.Resource_ReservationInfo{Principal: a}}), ""},
		{"another's, the older form", reserve(&v1.Resource{Reservation: &v1.Resource_ReservationInfo{Principal: b}}), `resources[0].reservation.principal: it is "b", and the request comes from "a": they must be equal`},
		{"on top of another's", reserve(&v1.Resource{Reservations: []*v1.Resource_ReservationInfo{{Principal: b}, {Principal: a}}}), ""},
		{"another's on top", reserve(&v1.Resource{Reservations: []*v1.Resource_ReservationInfo{{Principal: a}, {Principal: b}}}), `resources[0].reservations[1].principal: it is "b", and the request comes from "a": they must be equal`},
		{"a volume of another", &v1.Offer_Operation{Create: &v1.Offer_Operation_Create{Volumes: []*v1.Resource{
			{}, {Disk: &v1.Resource_DiskInfo{Persistence: &v1.Resource_DiskInfo_Persistence{Principal: b}}},
		}}}, `volumes[1].disk.persistence.principal: it is "b", and the request comes from "a": they must be equal`},
		{"what takes away", &v1.Offer_Operation{Unreserve: &v1.Offer_Operation_Unreserve{Resources: []*v1.Resource{{Reservation: &v1.Resource_ReservationInfo{Principal: b}}}}}, ""},
	} {
		got := ""
		if err := OperationPrincipal(c.op, "a"); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
		if err := OperationPrincipal(c.op, ""); err != nil {
			t.Errorf("%s, and nobody was asked: got %v", c.name, err)
		}
	}
}
