package backend_test

import (
	"testing"

	"portico/backend/kernel/reach/reachtest"
)

// None of the stories of the portal's own address sends anything to anybody outside
// this computer, its router included.
func TestNothingLeavesThisComputer(t *testing.T) {
	reachtest.Sealed(t, "^(TestAPortalGets|TestChecksLook|TestTheRecordFollows|TestAnUpdateOutlasts|TestPublicResolvers|TestTheRouter|TestARecordByHand|TestTheRehearsal|TestCAA)")
}
