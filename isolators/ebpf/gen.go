package ebpf

// The objects are part of the repository, so that only those who change the programs need clang and the headers of libbpf.
// The include path is where Debian has the headers of the processor that we compile on; any will do.

//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -no-global-types -go-package ebpf -target bpfel,bpfeb -type traffic -type bucket -type ports network c/network.c -- -O2 -Wall -Werror -I/usr/include/x86_64-linux-gnu
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -no-global-types -go-package ebpf -target bpfel,bpfeb -type disk -type disk_key -type number io c/io.c -- -mcpu=v3 -O2 -Wall -Werror -I/usr/include/x86_64-linux-gnu
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -no-global-types -go-package ebpf -target bpfel,bpfeb -type process process c/process.c -- -O2 -Wall -Werror -I/usr/include/x86_64-linux-gnu
