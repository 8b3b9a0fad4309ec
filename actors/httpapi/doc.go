// Package httpapi holds the HTTP rules that the endpoints of master and agent share: routing by longest prefix with an
// optional process prefix, jsonp and gzip, reading and negotiating a v1 call, error sentences, and the event stream of
// a subscription.
//
// Handlers of master and agent use it on goroutines of net/http. It owns no cluster state and never talks to an actor:
// a handler reads its call here, dispatches, and writes the answer here. An actor touches only one thing of this
// package, [Stream.Send] and [Stream.Close], which never block.
package httpapi
