package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// agentProviders are the resource providers that an agent tells of, from its /state.
func agentProviders(t *testing.T, c *cluster.Cluster) map[string]string {
	t.Helper()
	_, text := get(t, "http://"+c.AgentAddr(0)+"/state")
	var state struct {
		ResourceProviders []struct {
			Info struct {
				ID   struct{ Value string }
				Name string
			} `json:"resource_provider_info"`
			Total []json.RawMessage `json:"total_resources"`
		} `json:"resource_providers"`
	}
	if err := json.Unmarshal([]byte(text), &state); err != nil {
		return nil // the agent is starting
	}
	out := map[string]string{}
	for _, p := range state.ResourceProviders {
		if len(p.Total) > 0 {
			out[p.Info.Name] = p.Info.ID.Value
		}
	}
	return out
}

// withProviders is a cluster whose agent has a directory for configurations of providers.
func withProviders(t *testing.T, dir string) *cluster.Cluster {
	return cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:2;mem:512;disk:0", Separate: true, MasterFlags: []string{"--min_allocatable_resources=disk:1|cpus:0.01"},
		AgentFlags: []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=10secs", "--resource_provider_config_dir=" + dir},
	})
}

// A disk of a local provider: made by a framework, kept over the death of the
// agent under the same provider id while a task uses it, and deleted with its data.
func TestPoolOfDirectories(t *testing.T) {
	t.Parallel()
	dir, path := t.TempDir(), t.TempDir()
	config := fmt.Sprintf(`{"type":"org.mesos.rp.local.directory","name":"pool","attributes":[{"name":"path","type":"TEXT","text":{"value":%q}},{"name":"size_mb","type":"SCALAR","scalar":{"value":100}}]}`, path)
	if err := os.WriteFile(filepath.Join(dir, "pool.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	c := withProviders(t, dir)
	eventually(t, "the pool to be told", func() bool { return agentProviders(t, c)["pool"] != "" })
	id := agentProviders(t, c)["pool"]
	k := startKeeper(t, c)
	raw := &v1.Resource{
		Name: proto.String("disk"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(60)}, ProviderId: &v1.ResourceProviderID{Value: &id},
		Disk: &v1.Resource_DiskInfo{Source: &v1.Resource_DiskInfo_Source{Type: v1.Resource_DiskInfo_Source_RAW.Enum(), Profile: proto.String("directory")}},
	}
	ops := func(list ...*v1.Offer_Operation) func(*v1.AgentID) []*v1.Offer_Operation {
		return func(*v1.AgentID) []*v1.Offer_Operation { return list }
	}
	k.accept([]*v1.Resource{raw}, ops(scheduler.CreateDisk("make", raw, v1.Resource_DiskInfo_Source_MOUNT)))
	k.operation("make", v1.OperationState_OPERATION_FINISHED)
	var disk *v1.Resource
	k.with(func() { disk = k.operations["make"].GetConvertedResources()[0] })
	root := disk.GetDisk().GetSource().GetMount().GetRoot()
	if !strings.HasPrefix(root, path+"/") {
		t.Fatalf("the disk's root is %q, want one below %s", root, path)
	}
	own := proto.CloneOf(disk)
	own.Reservations = space(1).Reservations
	volume := proto.CloneOf(own)
	volume.Disk.Persistence, volume.Disk.Volume = volumeAt(1, "data").Disk.Persistence, volumeAt(1, "data").Disk.Volume
	k.accept([]*v1.Resource{disk}, ops(scheduler.Reserve("reserve", own), scheduler.Create("create", volume)))
	k.operation("create", v1.OperationState_OPERATION_FINISHED)
	k.accept([]*v1.Resource{volume}, func(agent *v1.AgentID) []*v1.Offer_Operation {
		return []*v1.Offer_Operation{onVolume(agent, "write", "echo kept > data/file && sleep 1000", volume)}
	})
	k.task("write", v1.TaskState_TASK_RUNNING)
	file := filepath.Join(root, "file")
	eventually(t, "the task's file on the disk", func() bool { text, err := os.ReadFile(file); return err == nil && string(text) == "kept\n" })
	c.Agents[0].Kill()
	c.Agents[0].Restart()
	eventually(t, "the pool to be back", func() bool { return agentProviders(t, c)["pool"] != "" })
	if again := agentProviders(t, c)["pool"]; again != id {
		t.Errorf("after the agent's death the provider's id is %s, want %s", again, id)
	}
	gone := fmt.Sprintf(`{"type":"MARK_RESOURCE_PROVIDER_GONE","mark_resource_provider_gone":{"resource_provider_id":{"value":%q}}}`, id)
	if code, text := post(t, "http://"+c.AgentAddr(0)+"/api/v1", "application/json", "", strings.NewReader(gone)); code != 409 || !strings.Contains(text, "tasks use") {
		t.Errorf("marking a provider gone that is in use: %d %q, want 409 and why", code, text)
	}
	k.driver.Kill("write", nil)
	k.task("write", v1.TaskState_TASK_KILLED)
	if code, text := post(t, "http://"+c.AgentAddr(0)+"/api/v1", "application/json", "", strings.NewReader(gone)); code != 409 {
		t.Errorf("marking a provider gone that holds a volume: %d %q, want 409", code, text)
	}
	k.accept([]*v1.Resource{volume}, ops(scheduler.Destroy("destroy", volume), scheduler.Unreserve("free", own)))
	k.operation("free", v1.OperationState_OPERATION_FINISHED)
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the destroyed volume's file: %v, want that it is not there", err)
	}
	k.accept([]*v1.Resource{disk}, ops(scheduler.DestroyDisk("unmake", disk)))
	k.operation("unmake", v1.OperationState_OPERATION_FINISHED)
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the destroyed disk: %v, want that it is not there", err)
	}
	raw.Scalar.Value = proto.Float64(100)
	k.accept([]*v1.Resource{raw}, ops())
	if code, text := post(t, "http://"+c.AgentAddr(0)+"/api/v1", "application/json", "", strings.NewReader(gone)); code != 200 {
		t.Errorf("marking a provider gone that nobody uses: %d %q, want 200", code, text)
	}
	c.Agents[0].Kill()
	c.Agents[0].Restart()
	c.WaitAgents(1)
	if left := agentProviders(t, c); len(left) > 0 {
		t.Errorf("providers %v after the end of theirs, want none", left)
	}
}

// A provider that somebody wrote against the HTTP API, in lines of JSON, keeps its id over the agent's death.
func TestExternalProvider(t *testing.T) {
	t.Parallel()
	c := withProviders(t, t.TempDir())
	url := "http://" + c.AgentAddr(0) + "/api/v1/resource_provider"
	subscribe := func(id string) (*eventStream, string) {
		s := openStream(t, url, "application/json", fmt.Sprintf(`{"type":"SUBSCRIBE","subscribe":{"resource_provider_info":{%s"type":"org.example.gpus","name":"g"}}}`, id))
		var e struct {
			Subscribed struct {
				ProviderID struct{ Value string } `json:"provider_id"`
			}
		}
		if text := s.until(t, `"SUBSCRIBED"`); json.Unmarshal([]byte(text), &e) != nil || e.Subscribed.ProviderID.Value == "" {
			t.Fatalf("first event %s, want SUBSCRIBED with an id", text)
		}
		return s, e.Subscribed.ProviderID.Value
	}
	tell := func(s *eventStream, id string) {
		t.Helper()
		body := fmt.Sprintf(`{"type":"UPDATE_STATE","resource_provider_id":{"value":%q},"update_state":{"resource_version_uuid":{"value":"MDEyMzQ1Njc4OWFiY2RlZg=="},
			"resources":[{"name":"fpgas","type":"SCALAR","scalar":{"value":3},"provider_id":{"value":%q}}]}}`, id, id)
		if code, text := post(t, url, "application/json", s.streamID, strings.NewReader(body)); code != 202 {
			t.Fatalf("UPDATE_STATE answered %d %q, want 202", code, text)
		}
	}
	s, id := subscribe("")
	tell(s, id)
	inMaster := func(want bool) func() bool {
		return func() bool {
			_, text := post(t, c.URL("/api/v1"), "application/json", "", strings.NewReader(`{"type":"GET_AGENTS"}`))
			return strings.Contains(text, `"resource_providers":[{"resource_provider_info":{"id":{"value":"`+id+`"}`) && strings.Contains(text, `"name":"fpgas"`) == want
		}
	}
	eventually(t, "the master to know the provider", inMaster(true))
	c.Agents[0].Kill()
	c.Agents[0].Restart()
	c.WaitAgents(1)
	again, same := subscribe(`"id":{"value":"` + id + `"},`)
	if same != id {
		t.Errorf("the provider comes back as %s, want %s", same, id)
	}
	tell(again, id)
	eventually(t, "the master to know the provider again", inMaster(true))
	again.close()
	eventually(t, "what an absent provider has to go", inMaster(false))
}
