package daemon

import (
	"os"
	"path/filepath"

	"mesos/actors/fetcher"
	"mesos/cmd/flags"
)

// fetcherFrom reads how the agent fetches what commands need. Keys for S3 come
// from the variables that other S3 clients read: flags are shown to everybody.
func fetcherFrom(f *flags.Set) fetcher.Options {
	cache := f.Fallback("fetcher_cache_dir", filepath.Join(os.TempDir(), "mesos", "fetch"))
	return fetcher.Options{
		FrameworksHome: f.String("frameworks_home"), StallTimeout: f.Duration("fetcher_stall_timeout"),
		CacheDir: cache, CacheSize: int64(f.Bytes("fetcher_cache_size")),
		HadoopHome: firstOf(f.String("hadoop_home"), os.Getenv("HADOOP_HOME")),
		S3: &fetcher.S3{
			Endpoint:  firstOf(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL")),
			Region:    firstOf(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
			AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), Token: os.Getenv("AWS_SESSION_TOKEN"),
		},
	}
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
