package store

import (
	"testing"

	"go.etcd.io/bbolt"
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func TestResourcesAndOperations(t *testing.T) {
	for name, open := range implementations(t) {
		t.Run(name, func(t *testing.T) {
			disk := func(mb float64) []*v1.Resource {
				return []*v1.Resource{{Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: &mb}}}
			}
			op := func(uuid string, s v1.OperationState) *v1.Operation {
				return &v1.Operation{
					Uuid: &v1.UUID{Value: []byte(uuid)}, LatestStatus: &v1.OperationStatus{State: s.Enum()},
					Info: &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE.Enum(), Create: &v1.Offer_Operation_Create{Volumes: disk(5)}},
				}
			}
			s, end := open()
			durable(s, PutResources(disk(1)), PutOperation(op("1", v1.OperationState_OPERATION_PENDING)), PutOperation(op("2", v1.OperationState_OPERATION_PENDING)))
			durable(s, PutResources(disk(7)), PutOperation(op("1", v1.OperationState_OPERATION_FINISHED)), DeleteOperation([]byte("2")))
			end()
			s, end = open()
			defer end()
			got := s.Load()
			if len(got.Resources) != 1 || !proto.Equal(got.Resources[0], disk(7)[0]) {
				t.Errorf("resources %v, want the newest, 7 MB of disk", got.Resources)
			}
			if want := op("1", v1.OperationState_OPERATION_FINISHED); len(got.Operations) != 1 || !proto.Equal(got.Operations[0], want) {
				t.Errorf("operations %v, want %v", got.Operations, want)
			}
		})
	}
}

// A file of the time before operations is taken up, and gets their tables.
func TestFileWithoutOperations(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	durable(s, PutAgent(Agent{ID: "a"}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(Path(dir), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range kind.Later {
			if err := tx.DeleteBucket([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, quiet); err != nil {
		t.Fatal(err)
	}
	durable(s, PutOperation(&v1.Operation{Uuid: &v1.UUID{Value: []byte("1")}}))
	if err := s.Clear(); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
