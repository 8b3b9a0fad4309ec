package taskjson

import (
	"mesos/messages/jsonwriter"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Optional writes a member that is there only if v is.
func Optional(j *jsonwriter.Writer, key string, v *string) {
	if v != nil {
		j.Field(key, *v)
	}
}

// Labels writes the member labels, if there is one.
func Labels(j *jsonwriter.Writer, l *v1.Labels) {
	if l == nil {
		return
	}
	jsonwriter.List(j, "labels", l.GetLabels(), func(j *jsonwriter.Writer, l *v1.Label) {
		j.Object(func() {
			j.Field("key", l.GetKey())
			Optional(j, "value", l.Value)
		})
	})
}

// Build writes the members that tell a program's version and build.
func Build(j *jsonwriter.Writer, b *v1.VersionInfo) {
	j.Field("version", b.GetVersion())
	Optional(j, "git_sha", b.GitSha)
	Optional(j, "git_branch", b.GitBranch)
	Optional(j, "git_tag", b.GitTag)
	Optional(j, "build_date", b.BuildDate)
	if b.BuildTime != nil {
		j.Field("build_time", b.GetBuildTime())
	}
	Optional(j, "build_user", b.BuildUser)
}

// Full writes a member with resources as whole messages, in their old and their new form.
func Full(j *jsonwriter.Writer, key string, r resources.Resources) {
	jsonwriter.List(j, key, r.EndpointProto(), func(j *jsonwriter.Writer, m *v1.Resource) { j.Value(m) })
}
