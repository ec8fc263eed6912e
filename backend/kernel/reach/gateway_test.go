package reach

import (
	"fmt"
	"slices"
	"testing"
)

const linuxTable = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0100A8C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	FE01A8C0	0003	0	0	100	00000000	0	0	0
eth0	0001A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
tun0	00000000	00000000	0001	0	0	50	00000000	0	0	0
tun0	00000000	0100080A	0003	0	0	50	00000080	0	0	0
down0	00000000	0100080A	0002	0	0	1	00000000	0	0	0
`

const windowsTable = `
IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0      192.168.0.1     192.168.0.33     50
          0.0.0.0          0.0.0.0    192.168.1.254     192.168.1.20     25
          0.0.0.0          0.0.0.0   Auf Verbindung        10.8.0.2      5
===========================================================================
`

const macTable = `Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            192.168.1.254      UGScg                 en0
default            link#22            UCSIg             utun4
127                127.0.0.1          UCS                   lo0
default            192.168.0.1        UGScIg                en1
`

const linuxTable6 = `00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000005 00000000 00450003    wlan0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000254 00000064 00000005 00000000 00450003     eth0
20010db8000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
`

const windowsTable6 = `
IPv6-Routentabelle
Aktive Routen:
 If Metrik Netzwerkziel             Gateway
 12    281 ::/0                     fe80::1
 15     25 ::/0                     fe80::254
  3    311 ::/0                     Auf Verbindung
`

const macTable6 = `Internet6:
Destination                             Gateway                         Flags         Netif Expire
default                                 fe80::254%en0                   UGcg            en0
default                                 fe80::%utun0                    UGcIg         utun0
default                                 fe80::1%en1                     UGcIg           en1
`

// Each system's own table, the preferred way first.
func TestRoutes(t *testing.T) {
	for system, s := range map[string]struct {
		got  []Gateway
		want []string
	}{
		"linux":         {linuxRoutes([]byte(linuxTable)), []string{"192.168.1.254 invalid IP eth0", "192.168.0.1 invalid IP wlan0"}},
		"windows":       {windowsRoutes([]byte(windowsTable)), []string{"192.168.1.254 192.168.1.20 ", "192.168.0.1 192.168.0.33 "}},
		"linux, IPv6":   {linuxRoutes6([]byte(linuxTable6)), []string{"fe80::254%eth0 invalid IP eth0", "fe80::1%wlan0 invalid IP wlan0"}},
		"windows, IPv6": {windowsRoutes6([]byte(windowsTable6)), []string{"fe80::254%15 invalid IP 15", "fe80::1%12 invalid IP 12"}},
		"darwin, IPv6":  {bsdRoutes6([]byte(macTable6)), []string{"fe80::254%en0 invalid IP en0", "fe80::1%en1 invalid IP en1"}},
		"darwin":        {bsdRoutes([]byte(macTable)), []string{"192.168.1.254 invalid IP en0", "192.168.0.1 invalid IP en1"}},
	} {
		var got []string
		for _, g := range s.got {
			got = append(got, fmt.Sprintf("%s %s %s", g.Address, g.Local, g.Interface))
		}
		if !slices.Equal(got, s.want) {
			t.Errorf("%s: %q, want %q", system, got, s.want)
		}
	}
}

// A router's two sides are brought together by the interface.
func TestBothSidesOfARouter(t *testing.T) {
	six := linuxRoutes6([]byte(linuxTable6))
	for name, want := range map[string]string{"wlan0": "fe80::1%wlan0", "eth0": "fe80::254%eth0", "tun0": "invalid IP", "": "fe80::254%eth0"} {
		if got := beside(Gateway{Interface: name}, six).String(); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
