package nettest

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
)

func testOrder(t *testing.T, h Harness) {
	const senders, each = 4, 2000
	a, b := start(t, h, ""), start(t, h, "")
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for i := range each {
				a.say(fmt.Sprint(s), b.actor("y"), int64(i))
			}
		})
	}
	wg.Wait()
	next := map[string]int64{}
	for range senders * each {
		e := b.Next(t)
		m, ok := e.Message.(*wrapperspb.Int64Value)
		if !ok || m.Value != next[e.From.ID] {
			t.Fatalf("got %+v, want number %d of sender %s", e, next[e.From.ID], e.From.ID)
		}
		next[e.From.ID]++
	}
}

func testBothDial(t *testing.T, h Harness) {
	const each = 500
	a, b := start(t, h, ""), start(t, h, "")
	var wg sync.WaitGroup
	for _, d := range []struct{ from, to node }{{a, b}, {b, a}} {
		wg.Go(func() {
			for i := range each {
				d.from.say("x", d.to.actor("x"), int64(i))
			}
		})
	}
	wg.Wait()
	for i := range each {
		a.wantNumber(t, b.actor("x"), "x", int64(i))
		b.wantNumber(t, a.actor("x"), "x", int64(i))
	}
	h.Kill(t, b.Network)
	a.wantExited(t, b.Addr())
}

func testSenderKeeps(t *testing.T, h Harness) {
	a, b := start(t, h, ""), start(t, h, "")
	m := wrapperspb.Int64(1)
	a.Send(a.actor("x"), b.actor("y"), m)
	m.Value = 2
	a.Send(a.actor("x"), b.actor("y"), m)
	m.Value = 3
	b.wantNumber(t, a.actor("x"), "y", 1)
	b.wantNumber(t, a.actor("x"), "y", 2)
}

func testSelf(t *testing.T, h Harness) {
	a := start(t, h, "")
	a.Connect(a.Addr())
	m := wrapperspb.Int64(0)
	for i := range 100 {
		m.Value = int64(i)
		a.Send(a.actor("x"), a.actor("y"), m)
	}
	for i := range 100 {
		a.wantNumber(t, a.actor("x"), "y", int64(i))
	}
}

func testBig(t *testing.T, h Harness) {
	a, b := start(t, h, ""), start(t, h, "")
	big := bytes.Repeat([]byte("0123456789abcdef"), (MaxFrame-1024)/16)
	a.say("x", b.actor("y"), 1)
	a.Send(a.actor("x"), b.actor("y"), wrapperspb.Bytes(big))
	a.say("x", b.actor("y"), 2)
	b.wantNumber(t, a.actor("x"), "y", 1)
	if m, ok := b.Next(t).Message.(*wrapperspb.BytesValue); !ok || !bytes.Equal(m.Value, big) {
		t.Fatalf("got another message, want %d bytes as they were sent", len(big))
	}
	b.wantNumber(t, a.actor("x"), "y", 2)
}

// testDropped sends m between two numbers and wants only the numbers to arrive, in one session.
func testDropped(t *testing.T, h Harness, m proto.Message) {
	t.Helper()
	a, b := start(t, h, ""), start(t, h, "")
	for _, to := range []actors.UPID{b.actor("y"), a.actor("y")} {
		a.say("x", to, 1)
		a.Send(a.actor("x"), to, m)
		a.say("x", to, 2)
	}
	for _, n := range []node{a, b} {
		n.wantNumber(t, a.actor("x"), "y", 1)
		n.wantNumber(t, a.actor("x"), "y", 2)
	}
	b.say("y", a.actor("x"), 3)
	a.wantNumber(t, b.actor("y"), "x", 3)
}

func testTooLong(t *testing.T, h Harness) {
	testDropped(t, h, wrapperspb.Bytes(make([]byte, MaxFrame+1)))
}

func testUnknownType(t *testing.T, h Harness) {
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name:        proto.String("nettest/unknown.proto"),
		Package:     proto.String("nettest.unknown"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("Stranger")}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	testDropped(t, h, dynamicpb.NewMessage(file.Messages().Get(0)))
}

func testIncomplete(t *testing.T, h Harness) {
	// A proto2 message of the protobuf library itself that has required fields.
	testDropped(t, h, &descriptorpb.UninterpretedOption_NamePart{})
}
