package messages_test

import (
	"slices"
	"strings"
	"testing"
)

// TestPublicDescriptors: the v1 tables and the compiled v1 packages say the same.
func TestPublicDescriptors(t *testing.T) {
	for _, d := range compare(tableRows(t, "v1"), compiledRows("mesos/v1/")) {
		t.Errorf("%s %s", d.Key, d.Text)
	}
}

// TestInternalDescriptors: every row of the unversioned and internal tables is
// compiled (in mesos/v1 or in internalpb), or stands in a table with a reason.
func TestInternalDescriptors(t *testing.T) {
	mapped, homeless := place(tableRows(t, "internal"))
	for _, r := range homeless {
		t.Errorf("%s: file %s is neither compiled nor in the table of what is left out", r.Key(), r.File)
	}
	compiled := slices.Concat(compiledRows("mesos/v1/"), compiledRows("internalpb/"))
	checkKnown(t, compare(mapped, compiled))
}

// checkKnown fails for a difference that is not known and for a known one that
// no longer exists, so that the table of differences stays true.
func checkKnown(t *testing.T, diffs []difference) {
	t.Helper()
	met := map[string]bool{}
	for _, d := range diffs {
		known, ok := knownDifferences[d.Key]
		if !ok || known.Text != d.Text {
			t.Errorf("%s %s", d.Key, d.Text)
			continue
		}
		met[d.Key] = true
	}
	for key, known := range knownDifferences {
		if !met[key] {
			t.Errorf("known difference %s (%s) no longer exists", key, known.Text)
		}
	}
}

// TestReasons: no exception without a reason, and none for a file that the
// tables do not have.
func TestReasons(t *testing.T) {
	files := map[string]bool{}
	for _, r := range tableRows(t, "internal") {
		files[r.File] = true
	}
	for file, reason := range leftOut {
		if reason == "" {
			t.Errorf("left-out file %s has no reason", file)
		}
		if !files[file] {
			t.Errorf("left-out file %s is not in the tables", file)
		}
		if _, ok := homes[file]; ok {
			t.Errorf("file %s is both compiled and left out", file)
		}
	}
	for file := range homes {
		if !files[file] {
			t.Errorf("compiled file %s is not in the tables", file)
		}
	}
	for key, d := range knownDifferences {
		if d.Reason == "" {
			t.Errorf("known difference %s has no reason", key)
		}
	}
}

// TestCompareFinds doctors one line of the real table at a time and checks that
// the comparison names exactly that row.
func TestCompareFinds(t *testing.T) {
	compiled := compiledRows("mesos/v1/")
	base := tableRows(t, "v1")
	at := func(rows []row, key string) int {
		i := slices.IndexFunc(rows, func(r row) bool { return r.Key() == key })
		if i < 0 {
			t.Fatalf("no row %s", key)
		}
		return i
	}
	const field, value = "mesos.v1.CommandInfo.shell", "mesos.v1.TaskState.TASK_LOST"
	set := func(key string, f func(*row)) func([]row) []row {
		return func(rows []row) []row { f(&rows[at(rows, key)]); return rows }
	}
	tests := []struct {
		name, key, text string
		doctor          func([]row) []row
	}{
		{"number", field, `number: table "99", compiled "6"`, set(field, func(r *row) { r.Number = "99" })},
		{"label", field, `label: table "required", compiled "optional"`, set(field, func(r *row) { r.Label = "required" })},
		{"type", field, `type: table "string", compiled "bool"`, set(field, func(r *row) { r.Type = "string" })},
		{"default", field, `default: table "false", compiled "true"`, set(field, func(r *row) { r.Default = "false" })},
		{"oneof", field, `oneof: table "x", compiled ""`, set(field, func(r *row) { r.Oneof = "x" })},
		{"deprecated", field, `deprecated: table "deprecated", compiled ""`, set(field, func(r *row) { r.Deprecated = "deprecated" })},
		{"syntax", field, `syntax: table "proto3", compiled "proto2"`, set(field, func(r *row) { r.Syntax = "proto3" })},
		{"enum number", value, `number: table "77", compiled "5"`, set(value, func(r *row) { r.Number = "77" })},
		{"removed field", field, "is compiled but not in the table", func(rows []row) []row {
			i := at(rows, field)
			return slices.Delete(rows, i, i+1)
		}},
		{"removed enum value", value, "is compiled but not in the table", func(rows []row) []row {
			i := at(rows, value)
			return slices.Delete(rows, i, i+1)
		}},
		{"added", "mesos.v1.CommandInfo.extra", "is in the table but not compiled", func(rows []row) []row {
			r := rows[at(rows, field)]
			r.Name = "extra"
			return append(rows, r)
		}},
		{"twice", field, "is twice in the table", func(rows []row) []row { return append(rows, rows[at(rows, field)]) }},
		{"order", "mesos.v1.CommandInfo", "order: ", func(rows []row) []row {
			i := at(rows, field)
			rows[i], rows[i+1] = rows[i+1], rows[i]
			return rows
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diffs := compare(tt.doctor(slices.Clone(base)), compiled)
			if len(diffs) != 1 || diffs[0].Key != tt.key || !strings.HasPrefix(diffs[0].Text, tt.text) {
				t.Errorf("got %v, want one difference %s %s", diffs, tt.key, tt.text)
			}
		})
	}
}

// TestPlace: a row goes to its compiled twin, to the left-out ones, or is
// reported; none is dropped silently.
func TestPlace(t *testing.T) {
	mapped, homeless := place([]row{
		{Parent: "mesos.SlaveInfo", Name: "id", Type: "mesos.SlaveID", File: "mesos/mesos.proto"},
		{Parent: "mesos.internal.PingSlaveMessage", Name: "slave_id", Type: "mesos.SlaveID", File: "messages/messages.proto"},
		{Parent: "mesos.X", Name: "m", Type: "map<string,mesos.internal.StatusUpdate>", File: "mesos/mesos.proto"},
		{Parent: "mesos.ACL", Name: "a", Type: "string", File: "mesos/authorizer/acls.proto"},
		{Parent: "mesos.New", Name: "a", Type: "string", File: "mesos/new.proto"},
	})
	want := []row{
		{Parent: "mesos.v1.AgentInfo", Name: "id", Type: "mesos.v1.AgentID", File: "mesos/v1/mesos.proto"},
		{Parent: "mesos.internal.PingSlaveMessage", Name: "slave_id", Type: "mesos.v1.AgentID", File: "internalpb/messages.proto"},
		{Parent: "mesos.v1.X", Name: "m", Type: "map<string,mesos.internal.StatusUpdate>", File: "mesos/v1/mesos.proto"},
	}
	if !slices.Equal(mapped, want) {
		t.Errorf("mapped: got %v, want %v", mapped, want)
	}
	if len(homeless) != 1 || homeless[0].Parent != "mesos.New" {
		t.Errorf("homeless: got %v, want the row of mesos.New", homeless)
	}
}

// TestParseRefuses: a table that lost a column or its header is not read as an
// empty one.
func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "enum\tvalue\n", enumsHeader + "\nmesos.v1.Status\tDRIVER_RUNNING\t2\n"} {
		if rows, err := parseEnums(strings.NewReader(text)); err == nil {
			t.Errorf("parseEnums(%q): got %v, want an error", text, rows)
		}
	}
}
