// Package linkpb holds what our own programs say to each other over actor links
// beyond the protocol of Mesos, what our edges hand to our actors, and what our
// registry keeps beyond that of Mesos. No Mesos program sends or gets these
// messages, so unlike internalpb they follow no table.
package linkpb
