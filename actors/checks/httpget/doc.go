// Package httpget asks a web server for the status of one URL, and no more.
//
// It is what HTTP checks need, in little code: mesos-executor has one process
// per task and so must not link net/http or crypto/tls. It follows redirects;
// it reads no body, uses no proxy, keeps no cookies and no connection.
// mesos-probe uses it with connections that speak TLS.
package httpget
