package app

import (
	"testing"

	"portico/backend/kernel/reach/reachtest"
)

// Nothing that the verbs, the listeners and the doors are tested with leaves this computer.
func TestNothingLeavesThisComputer(t *testing.T) {
	reachtest.Sealed(t, "^(TestDomain.*|TestServeListensForHTTPS|TestTheWindow(Opens|Tells).*|TestThePortalsDoors.*)$")
}
