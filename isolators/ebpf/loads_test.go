package ebpf

// loads are the programs that tests run in containers.
var loads = map[string]func() error{}
