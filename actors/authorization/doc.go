// Package authorization says who may do what: Mesos's local authorizer, which is a list of rules for each action.
//
// Operators write the rules as JSON (--acls); daemons read them once ([Parse]), and ask where calls come in: the
// master's and the agent's actors and their HTTP, and package operator for the endpoints that both have. A nil *[Rules],
// as without --acls, approves all, and costs nothing but that question.
//
// A rule names principals and objects, each as values, ANY or NONE. The first rule of an action that is about both who
// asks and what for decides; without one "permissive" does, which is true unless it is said to be false. A refusal is a
// [Denied] that names the rule. Actions have the names that they have in that JSON: [Action] is the table of them.
//
// It is pure: it decides by what it is given and keeps nothing. Who somebody is, package authentication says.
package authorization
