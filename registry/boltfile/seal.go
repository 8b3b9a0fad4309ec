package boltfile

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Seal puts the checksum of key and value before the value.
func Seal(key, value []byte) []byte {
	sealed := make([]byte, 0, 4+len(value))
	return append(binary.BigEndian.AppendUint32(sealed, checksum(key, value)), value...)
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// Unseal checks the checksum and takes it off. What it returns lies in sealed.
func Unseal(key, sealed []byte) ([]byte, error) {
	if len(sealed) < 4 || binary.BigEndian.Uint32(sealed) != checksum(key, sealed[4:]) {
		return nil, fmt.Errorf("row %q: its checksum is wrong", key)
	}
	return sealed[4:], nil
}
