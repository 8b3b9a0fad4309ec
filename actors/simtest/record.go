package simtest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"time"

	"google.golang.org/protobuf/encoding/prototext"

	"mesos/actors/memnet"
)

// record is the history of a run, as a number: two runs with the same one delivered the same bytes to the same actors
// at the same times in the same order.
type record struct {
	sum   uint32
	count int
	buf   []byte
	lines *os.File // the history in words, if SIMTEST_HISTORY names a file
}

func newRecord() *record {
	r := &record{}
	if name := os.Getenv("SIMTEST_HISTORY"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			panic(err)
		}
		r.lines = f
	}
	return r
}

// castagnoli is the sum for which processors have an instruction.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// delivered is the tap of the network.
func (r *record) delivered(d memnet.Delivery) {
	r.count++
	r.buf = binary.BigEndian.AppendUint64(r.buf[:0], uint64(time.Now().UnixNano()))
	for _, s := range []string{d.From.ID, d.From.Addr, d.To.ID, d.To.Addr, string(d.Name)} {
		r.buf = append(append(r.buf, s...), 0)
	}
	r.buf = append(r.buf, d.Body...)
	r.sum = crc32.Update(r.sum, castagnoli, r.buf)
	if r.lines != nil {
		_, _ = fmt.Fprintf(r.lines, "%s %s -> %s %s %s\n", time.Since(epoch), d.From, d.To, d.Name, words(d))
	}
}

func words(d memnet.Delivery) string {
	if d.Exited {
		return "exited"
	}
	if d.Message == nil {
		return "not to be decoded"
	}
	return prototext.MarshalOptions{}.Format(d.Message)
}

// epoch is when every synctest bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// History is the number of messages that were delivered so far, and a hash of them all with their times: with the same
// [Options.Seed] and the same test function both are the same again.
func (c *Cluster) History() (count int, sum uint64) {
	c.stage.settle()
	return c.record.count, uint64(c.record.sum)
}
