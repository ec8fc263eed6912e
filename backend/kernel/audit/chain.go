package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"time"

	"portico/backend/kernel/fault"
)

// Entry is one line of the log. Personal is empty once it was erased.
type Entry struct {
	Seq        int64
	ID         string
	At         time.Time
	ActorKind  string
	ActorID    string
	Via        string
	Action     string
	Subject    string
	Detail     json.RawMessage
	Commitment string
	Hash       string
	Personal   map[string]string
}

// ErrBroken says that an entry was changed, added or removed behind our back.
var ErrBroken = fault.New(fault.Internal, "audit.broken", "The audit log was changed outside Portico at entry {seq}. Keep a copy of the data folder and compare it with a backup.")

// hashed is an entry as canonical JSON: the fields stand in the order of their names.
type hashed struct {
	Action     string `json:"action"`
	ActorID    string `json:"actor_id"`
	ActorKind  string `json:"actor_kind"`
	At         int64  `json:"at"`
	Commitment string `json:"commitment"`
	Detail     string `json:"detail"`
	ID         string `json:"id"`
	Seq        int64  `json:"seq"`
	Subject    string `json:"subject"`
	Via        string `json:"via"`
}

// canonical is what is hashed.
func (e Entry) canonical() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(hashed{e.Action, e.ActorID, e.ActorKind, e.At.UnixMilli(), e.Commitment, string(e.Detail), e.ID, e.Seq, e.Subject, e.Via})
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// link is the hash of an entry on top of the one before it.
func link(previous string, e Entry) (string, error) {
	text, err := e.canonical()
	if err != nil {
		return "", err
	}
	before, err := hex.DecodeString(previous)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write([]byte{0x01})
	h.Write(before)
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(text)))
	h.Write(size[:])
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// commit binds personal values to the chain without showing them.
func commit(salt string, data []byte) string {
	sum := sha256.Sum256(append([]byte(salt), data...))
	return hex.EncodeToString(sum[:])
}
