package authorization

import (
	"maps"
	"slices"
)

// Action is what rules are about, by the name of their list.
type Action string

// The actions, as Mesos has them.
const (
	RegisterFrameworks Action = "register_frameworks"
	RunTasks           Action = "run_tasks"
	TeardownFrameworks Action = "teardown_frameworks"

	ReserveResources   Action = "reserve_resources"
	UnreserveResources Action = "unreserve_resources"
	CreateVolumes      Action = "create_volumes"
	DestroyVolumes     Action = "destroy_volumes"
	ResizeVolumes      Action = "resize_volumes"
	CreateBlockDisks   Action = "create_block_disks"
	DestroyBlockDisks  Action = "destroy_block_disks"
	CreateMountDisks   Action = "create_mount_disks"
	DestroyMountDisks  Action = "destroy_mount_disks"
	DestroyRawDisks    Action = "destroy_raw_disks"

	GetQuotas     Action = "get_quotas"
	UpdateQuotas  Action = "update_quotas"
	UpdateWeights Action = "update_weights"
	ViewRoles     Action = "view_roles"

	RegisterAgents              Action = "register_agents"
	DrainAgents                 Action = "drain_agents"
	DeactivateAgents            Action = "deactivate_agents"
	ReactivateAgents            Action = "reactivate_agents"
	MarkAgentsGone              Action = "mark_agents_gone"
	UpdateMaintenanceSchedules  Action = "update_maintenance_schedules"
	GetMaintenanceSchedules     Action = "get_maintenance_schedules"
	StartMaintenances           Action = "start_maintenances"
	StopMaintenances            Action = "stop_maintenances"
	GetMaintenanceStatuses      Action = "get_maintenance_statuses"
	MarkResourceProvidersGone   Action = "mark_resource_providers_gone"
	ModifyResourceProviderConfs Action = "modify_resource_provider_configs"
	ViewResourceProviders       Action = "view_resource_providers"
	PruneImages                 Action = "prune_images"

	GetEndpoints    Action = "get_endpoints"
	ViewFlags       Action = "view_flags"
	SetLogLevel     Action = "set_log_level"
	AccessMesosLogs Action = "access_mesos_logs"
	AccessSandboxes Action = "access_sandboxes"
	ViewFrameworks  Action = "view_frameworks"
	ViewTasks       Action = "view_tasks"
	ViewExecutors   Action = "view_executors"
	ViewContainers  Action = "view_containers"

	LaunchNestedAsUser              Action = "launch_nested_containers_as_user"
	LaunchNestedUnderParentWithUser Action = "launch_nested_containers_under_parent_with_user"
	LaunchSessionAsUser             Action = "launch_nested_container_sessions_as_user"
	LaunchSessionUnderParent        Action = "launch_nested_container_sessions_under_parent_with_user"
	KillNestedContainers            Action = "kill_nested_containers"
	WaitNestedContainers            Action = "wait_nested_containers"
	RemoveNestedContainers          Action = "remove_nested_containers"
	AttachContainersInput           Action = "attach_containers_input"
	AttachContainersOutput          Action = "attach_containers_output"
	LaunchStandaloneContainers      Action = "launch_standalone_containers"
	KillStandaloneContainers        Action = "kill_standalone_containers"
	WaitStandaloneContainers        Action = "wait_standalone_containers"
	RemoveStandaloneContainers      Action = "remove_standalone_containers"
	ViewStandaloneContainers        Action = "view_standalone_containers"
)

// objects is what the rules of each action name beside principals. What is called roles may be written a/%, for all
// roles below a. Of logs, flags, level, machines, agents, resource_providers and images a daemon asks for all at once, so that of these
// only ANY and NONE tell apart.
var objects = map[Action]string{
	RegisterFrameworks: "roles", RunTasks: "users", TeardownFrameworks: "framework_principals",

	ReserveResources: "roles", UnreserveResources: "reserver_principals", CreateVolumes: "roles", DestroyVolumes: "creator_principals",
	ResizeVolumes: "roles", CreateBlockDisks: "roles", DestroyBlockDisks: "roles", CreateMountDisks: "roles", DestroyMountDisks: "roles", DestroyRawDisks: "roles",

	GetQuotas: "roles", UpdateQuotas: "roles", UpdateWeights: "roles", ViewRoles: "roles",

	RegisterAgents: "agents", DrainAgents: "agents", DeactivateAgents: "agents", ReactivateAgents: "agents", MarkAgentsGone: "agents",
	UpdateMaintenanceSchedules: "machines", GetMaintenanceSchedules: "machines", StartMaintenances: "machines", StopMaintenances: "machines",
	GetMaintenanceStatuses: "machines", MarkResourceProvidersGone: "resource_providers", ModifyResourceProviderConfs: "resource_providers",
	ViewResourceProviders: "resource_providers", PruneImages: "images",

	GetEndpoints: "paths", ViewFlags: "flags", SetLogLevel: "level", AccessMesosLogs: "logs", AccessSandboxes: "users",
	ViewFrameworks: "users", ViewTasks: "users", ViewExecutors: "users", ViewContainers: "users",

	LaunchNestedAsUser: "users", LaunchNestedUnderParentWithUser: "users", LaunchSessionAsUser: "users", LaunchSessionUnderParent: "users",
	KillNestedContainers: "users", WaitNestedContainers: "users", RemoveNestedContainers: "users", AttachContainersInput: "users", AttachContainersOutput: "users",
	LaunchStandaloneContainers: "users", KillStandaloneContainers: "users", WaitStandaloneContainers: "users", RemoveStandaloneContainers: "users",
	ViewStandaloneContainers: "users",
}

// Actions are all of them, by name.
func Actions() []Action { return slices.Sorted(maps.Keys(objects)) }

// Objects is what rules of the action name beside principals, like "roles"; "" for what is no action.
func (a Action) Objects() string { return objects[a] }
