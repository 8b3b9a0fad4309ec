package mesosjson_test

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"mesos/messages/mesosjson"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

func scalar(name string, value float64, role string) *v1.Resource {
	return &v1.Resource{
		Name: proto.String(name), Type: v1.Value_SCALAR.Enum(),
		Scalar:         &v1.Value_Scalar{Value: proto.Float64(value)},
		AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String(role)},
	}
}

// offersEvent is an OFFERS event as a cluster of middle size sends it: five
// agents, each with unreserved, reserved and port resources and two attributes.
func offersEvent() *schedulerv1.Event {
	var offers []*v1.Offer
	for i := range 5 {
		reserved := scalar("cpus", 0.5, "web/a")
		reserved.Reservations = []*v1.Resource_ReservationInfo{{
			Type: v1.Resource_ReservationInfo_DYNAMIC.Enum(), Role: proto.String("web/a"), Principal: proto.String("alice"),
		}}
		offers = append(offers, &v1.Offer{
			Id:          &v1.OfferID{Value: proto.String(fmt.Sprintf("3a0fa23f-2471-4638-b79c-b807b0adc7c3-O%d", i))},
			FrameworkId: &v1.FrameworkID{Value: proto.String("3a0fa23f-2471-4638-b79c-b807b0adc7c3-0000")},
			AgentId:     &v1.AgentID{Value: proto.String(fmt.Sprintf("3a0fa23f-2471-4638-b79c-b807b0adc7c3-S%d", i))},
			Hostname:    proto.String("agent.example.test"),
			Url: &v1.URL{Scheme: proto.String("http"), Path: proto.String("/slave(1)"), Address: &v1.Address{
				Hostname: proto.String("agent.example.test"), Ip: proto.String("10.0.0.1"), Port: proto.Int32(5051),
			}},
			Resources: []*v1.Resource{
				scalar("cpus", 3.9, "web/a"), scalar("mem", 4064, "web/a"), scalar("disk", 10224, "web/a"), reserved,
				{
					Name: proto.String("ports"), Type: v1.Value_RANGES.Enum(),
					Ranges: &v1.Value_Ranges{Range: []*v1.Value_Range{
						{Begin: proto.Uint64(31000), End: proto.Uint64(31000)}, {Begin: proto.Uint64(31003), End: proto.Uint64(32000)},
					}},
					AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String("web/a")},
				},
			},
			Attributes: []*v1.Attribute{
				{Name: proto.String("rack"), Type: v1.Value_TEXT.Enum(), Text: &v1.Value_Text{Value: proto.String("r12")}},
				{Name: proto.String("speed"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(2.4)}},
			},
			AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String("web/a")},
		})
	}
	return &schedulerv1.Event{Type: schedulerv1.Event_OFFERS.Enum(), Offers: &schedulerv1.Event_Offers{Offers: offers}}
}

// acceptCall is an ACCEPT that launches three tasks.
func acceptCall() *schedulerv1.Call {
	var tasks []*v1.TaskInfo
	for i := range 3 {
		tasks = append(tasks, &v1.TaskInfo{
			Name:      proto.String("web"),
			TaskId:    &v1.TaskID{Value: proto.String(fmt.Sprintf("web.%d", i))},
			AgentId:   &v1.AgentID{Value: proto.String("3a0fa23f-2471-4638-b79c-b807b0adc7c3-S0")},
			Resources: []*v1.Resource{scalar("cpus", 0.1, "web/a"), scalar("mem", 32, "web/a")},
			Command: &v1.CommandInfo{
				Value: proto.String(`echo "hello" && sleep 1000`),
				Environment: &v1.Environment{Variables: []*v1.Environment_Variable{
					{Name: proto.String("PORT"), Value: proto.String("31001")}, {Name: proto.String("STAGE"), Value: proto.String("test")},
				}},
				Uris: []*v1.CommandInfo_URI{{Value: proto.String("http://files.example.test/app.tar.gz")}},
			},
			HealthCheck: &v1.HealthCheck{Type: v1.HealthCheck_COMMAND.Enum(), Command: &v1.CommandInfo{Value: proto.String("true")}},
			Labels:      &v1.Labels{Labels: []*v1.Label{{Key: proto.String("team"), Value: proto.String("x")}}},
		})
	}
	return &schedulerv1.Call{
		Type:        schedulerv1.Call_ACCEPT.Enum(),
		FrameworkId: &v1.FrameworkID{Value: proto.String("3a0fa23f-2471-4638-b79c-b807b0adc7c3-0000")},
		Accept: &schedulerv1.Call_Accept{
			OfferIds:   []*v1.OfferID{{Value: proto.String("3a0fa23f-2471-4638-b79c-b807b0adc7c3-O0")}},
			Operations: []*v1.Offer_Operation{{Type: v1.Offer_Operation_LAUNCH.Enum(), Launch: &v1.Offer_Operation_Launch{TaskInfos: tasks}}},
			Filters:    &v1.Filters{RefuseSeconds: proto.Float64(5)},
		},
	}
}

var benchMessages = []struct {
	name string
	m    proto.Message
}{{"offers", offersEvent()}, {"accept", acceptCall()}}

func BenchmarkEncode(b *testing.B) {
	for _, bm := range benchMessages {
		b.Run(bm.name+"/mesosjson", func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				var err error
				if buf, err = mesosjson.Append(buf[:0], bm.m); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(buf)))
		})
		b.Run(bm.name+"/protojson", func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				var err error
				if buf, err = (protojson.MarshalOptions{UseProtoNames: true}).MarshalAppend(buf[:0], bm.m); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, bm := range benchMessages {
		text, err := mesosjson.Marshal(bm.m)
		if err != nil {
			b.Fatal(err)
		}
		for _, dec := range []struct {
			name string
			f    func([]byte, proto.Message) error
		}{{"mesosjson", mesosjson.Unmarshal}, {"protojson", protojson.Unmarshal}} {
			b.Run(bm.name+"/"+dec.name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					m := bm.m.ProtoReflect().New().Interface()
					if err := dec.f(text, m); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
