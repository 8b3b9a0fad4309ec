package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/urfave/cli/v2"
	"google.golang.org/protobuf/proto"

	"mesos/cmd/mesos/internal/client"
	v1 "mesos/messages/mesos/v1"
)

var volumes = noun[heldLine]{
	name: "volume", id: func(h heldLine) string { return h.Volume }, columns: held.columns,
	load: func(ctx context.Context, m *client.Client, all bool) ([]heldLine, error) {
		lines, err := held.load(ctx, m, all)
		return slices.DeleteFunc(lines, func(h heldLine) bool { return h.Volume == "" }), err
	},
}

func volumeCommand() *cli.Command {
	return group("volume", "see, make and destroy volumes: disk that outlives the tasks that use it",
		volumes.list("list", "mesos volume list", "list the volumes", "", "   $\n   $ -o wide"),
		order{
			name: "create", line: "mesos volume create", args: "AGENT MB --role ROLE", usage: "make a volume of disk that is reserved for a role",
			examples: "   $ S3 1024 --role eng --path data\n   $ S3 1024 --role eng --id db-0 --path data",
			text:     named + "`mesos reserve add` reserves the disk first.\n\n", min: 2, max: 2, complete: agents.complete,
			flags: []cli.Flag{
				roleFlag(), principalFlag(),
				&cli.StringFlag{Name: "id", Usage: "`ID` of the volume", DefaultText: "one that no other has"},
				&cli.StringFlag{Name: "path", Value: "data", Usage: "`PATH` where tasks find it"},
			},
			do: createVolume,
		}.command(),
		order{
			name: "destroy", line: "mesos volume destroy", args: "VOLUME", usage: "destroy a volume and what is in it", examples: "   $ db-0",
			text: named, min: 1, max: 1, complete: volumes.complete,
			do: func(ctx context.Context, _ *cli.Context, m *client.Client, words []string) (string, error) {
				v, err := volumes.find(ctx, m, words[0])
				if err != nil {
					return "", err
				}
				if err := m.Operate(ctx, "DESTROY_VOLUMES", "volumes", v.AgentID, v.full); err != nil {
					return "", fmt.Errorf("volume %s: %w", v.Volume, err)
				}
				return v.Volume + " is destroyed", nil
			},
		}.command(),
	)
}

func createVolume(ctx context.Context, c *cli.Context, m *client.Client, words []string) (string, error) {
	if strings.ContainsAny(words[1], ":;") {
		return "", usageError(c, "%q: write the size of the volume in MB", words[1])
	}
	agentID, list, err := onAgent(ctx, c, m, []string{words[0], "disk:" + words[1]})
	if err != nil {
		return "", err
	}
	id := c.String("id")
	if id == "" {
		id = uuid.NewString()
	}
	persistence := &v1.Resource_DiskInfo_Persistence{Id: &id, Principal: list[0].Reservations[0].Principal}
	list[0].Disk = &v1.Resource_DiskInfo{
		Persistence: persistence,
		Volume:      &v1.Volume{ContainerPath: proto.String(c.String("path")), Mode: v1.Volume_RW.Enum()},
	}
	if err := m.Operate(ctx, "CREATE_VOLUMES", "volumes", agentID, list...); err != nil {
		return "", fmt.Errorf("volume on agent %s: %w; `mesos reserve list` shows what is reserved", agentID, err)
	}
	return id + " is made on " + agentID, nil
}
