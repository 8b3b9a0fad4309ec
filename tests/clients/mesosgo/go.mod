module mesos/tests/clients/mesosgo

go 1.26

tool (
	github.com/mesos/mesos-go/api/v0/examples/executor
	github.com/mesos/mesos-go/api/v0/examples/persistent_scheduler
	github.com/mesos/mesos-go/api/v0/examples/scheduler
	github.com/mesos/mesos-go/api/v0/examples/zkdetect
	github.com/mesos/mesos-go/api/v1/cmd/example-executor
	github.com/mesos/mesos-go/api/v1/cmd/example-scheduler
	github.com/mesos/mesos-go/api/v1/cmd/msh
	github.com/mesos/mesos-go/api/v1/cmd/mwatch
)

require (
	github.com/beorn7/perks v1.0.0 // indirect
	github.com/gogo/protobuf v1.3.2 // indirect
	github.com/golang/glog v1.2.5 // indirect
	github.com/golang/protobuf v1.3.1 // indirect
	github.com/google/uuid v1.0.0 // indirect
	github.com/matttproud/golang_protobuf_extensions v1.0.1 // indirect
	github.com/mesos/mesos-go v0.0.11 // indirect
	github.com/pborman/uuid v1.2.1 // indirect
	github.com/pquerna/ffjson v0.0.0-20190930134022-aa0246cd15f7 // indirect
	github.com/prometheus/client_golang v0.9.4 // indirect
	github.com/prometheus/client_model v0.0.0-20190129233127-fd36f4220a90 // indirect
	github.com/prometheus/common v0.4.1 // indirect
	github.com/prometheus/procfs v0.0.2 // indirect
	github.com/samuel/go-zookeeper v0.0.0-20201211165307-7117e9ea2414 // indirect
	golang.org/x/net v0.0.0-20201021035429-f5854403a974 // indirect
)
