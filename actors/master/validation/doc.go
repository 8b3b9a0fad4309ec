// Package validation says what the master accepts: calls, frameworks, agents
// and tasks. It is pure: what it needs to know of the cluster comes in a
// [Context], and every refusal names the field, its value and the rule.
package validation
