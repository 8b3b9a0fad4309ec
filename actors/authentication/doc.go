// Package authentication says who a request comes from: a principal, which is a name, that knows its secret.
//
// Daemons read the principals that they know from a file ([ReadCredentials]) and guard the endpoints of their HTTP
// by realms ([Realms]), as Mesos calls them: one for what only reads, one for what changes something, one for
// frameworks. Clients read their own from a file ([ReadCredential]) and send it along ([Credential.Transport]). Secrets travel as
// they are, by HTTP Basic authentication: keep the network to yourselves, or encrypt it.
//
// Processes that talk by messages authenticate by CRAM-MD5, as in Mesos: the master's actor has a [Server], agents and
// drivers have a [Login]. The messages stand in the tables of their packages. Here no secret travels.
//
// Executors show their agent a token that it gave them ([Key]): over HTTP to a guard, over links in their calls.
//
// It knows no endpoints: package operator says which belongs to which realm. It says who somebody is, never what
// he may do, and it logs no secret.
package authentication
