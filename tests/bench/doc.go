// Package bench measures how fast messages go from one program to another: over package link, and over protoactor-go's
// own remote package in the same run. It is a module of its own, since remote brings grpc, which nothing else here needs.
//
// The test binary starts itself again as the receiving program. The sending program sends b.N messages, at most window of
// them under way, and waits for the receiver's word that all have arrived.
//
//	go test -bench . -benchtime 2s
package bench
