package allocator

// Reason says why a framework in a role is not offered an agent.
type Reason uint8

// Every reason that there is.
const (
	Offerable         Reason = iota // nothing stands in the way: the next pass offers it
	Filtered                        // the framework refused it for a time
	QuotaLimit                      // quota limits leave no room for a bundle of the minimum
	Headroom                        // what is free beyond it is kept for guarantees of other roles
	Suppressed                      // the framework wants no offers in this role
	InactiveFramework               // the framework is not connected
	InactiveAgent                   // the agent is deactivated
	Capability                      // the framework cannot deal with such an agent (GPUs, region)
	Unwanted                        // the framework's offer constraints exclude the agent
	Minimum                         // what the role may use of it is too little for an offer
	AnothersTurn                    // what the role may use of it is offered to or used by somebody
	Unlisted                        // the whitelist of hosts does not have the agent
	reasonCount
)

var reasonNames = [reasonCount]string{
	Offerable:         "offerable",
	Filtered:          "filtered",
	QuotaLimit:        "quota limit",
	Headroom:          "headroom",
	Suppressed:        "suppressed",
	InactiveFramework: "inactive framework",
	InactiveAgent:     "inactive agent",
	Capability:        "capability",
	Unwanted:          "offer constraint",
	Minimum:           "minimum",
	AnothersTurn:      "another's turn",
	Unlisted:          "not on the whitelist",
}

// String is the reason in a word or two, such as "quota limit".
func (r Reason) String() string { return reasonNames[r] }
