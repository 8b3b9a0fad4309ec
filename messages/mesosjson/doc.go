// Package mesosjson turns protobuf messages into the JSON of the Mesos HTTP
// APIs and back. This mapping is older than proto3 JSON and differs from it, so
// protojson cannot be used on these wires.
//
// The HTTP edges call it (scheduler, executor, operator and agent API, flags
// given as JSON), and whoever writes such clients. It holds no I/O and no
// policy: what a message means, and whether its ids and values make sense, is
// for the caller to check.
//
// # Output
//
//   - Fields stand in declaration order, named exactly as in the .proto file.
//   - A field is written if it is set. An optional field that is unset but has
//     an explicit default is written with that default, unless deprecated
//     ("shell":true, "failover_timeout":0.0). Empty lists and maps are left out.
//   - Enums are names. A number that has no name in our enum, as a newer peer
//     may send, counts as unset.
//   - Integers of every width are numbers. Doubles have a fraction or an
//     exponent (4.0, 0.1, 1e+30), in the shortest form that reads back equal;
//     what JSON cannot say is a bare Infinity, -Infinity or NaN.
//   - Bytes are padded standard base64. Maps are objects with sorted keys.
//   - google.protobuf.Duration is {"seconds":…,"nanos":…}: no type has a
//     special text form.
//   - Strings that are not UTF-8 (protobuf clients may send such) are written
//     with U+FFFD for each bad byte, so that one bad label never breaks a stream.
//     There is no line break in the output.
//
// # Input
//
//   - Unknown keys are ignored at every level; null means unset; of a repeated
//     key the last one counts, also if an earlier one was invalid.
//   - An enum value that is no name of the enum (an unknown string, a number)
//     is unset, or in a list left out; in a required field it is an error.
//   - Numbers may be strings ("1.5", "Infinity", "-Infinity", "NaN"), booleans
//     may be "true" and "false". Bare Infinity, -Infinity and NaN are read.
//     1.0 and 1e3 are whole numbers, 1.5 is not. Integers above the int64 range
//     go through a double and lose precision, as in Mesos.
//   - A single value stands for a list of one.
//   - Base64 may lack its padding.
//   - Text must be UTF-8, \u escapes of surrogates must come in pairs, nothing
//     may follow the message, and objects and lists nest at most 200 deep.
//   - A missing required field is an error.
//
// Every error is an *Error that names the field by its path and reads as a
// sentence for the user who wrote the JSON.
//
// # How it is fast
//
// For each message type a plan is made once from its descriptor and its Go
// struct, and kept: which struct field, the key as text, the default as text,
// the enum's names, the plans of nested messages. Encoding and decoding then walk
// the struct with package reflect in one pass, without descriptors, maps or
// intermediate values. It handles messages generated in the open struct API
// (all of ours); others are refused.
package mesosjson
