package demo

import "strings"

// browsers are what clients of the demo business use.
var browsers = []string{
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
}

// roll is one line a person: name, city, country, phone, company, tags, note.
// Addresses are below example.com, which belongs to nobody (RFC 2606), and phone
// numbers are from the ranges kept for fiction.
const roll = `
Ana Petrović|Hamburg|DE|+49 40 66969101||Member, Back pain|Prefers appointments before nine.
Jonas Weber|Hamburg|DE|+49 40 66969102|Weber Woodwork|Member|
Mia Chen|Bremen|DE|+49 421 5550133||Runner|Marathon in April; check the left knee.
Oluwaseun Adeyemi|Hamburg|DE|+49 40 66969104|Adeyemi Logistics|Member, Invoice|
Charlotte Dubois|Lübeck|DE|+49 451 5550155||Back pain|
Lukas Hoffmann|Hamburg|DE|+49 40 66969106||Member|
Priya Natarajan|Hamburg|DE|+49 40 66969107|Brightside Studio|Invoice|Send invoices to the studio, not to her home.
Thomas Müller|Stade|DE|+49 4141 555012||Member, After surgery|Hip replacement in January.
Sofía García Hernández|Hamburg|DE|+49 40 66969109||Runner|
William O'Connor|Hamburg|DE|+49 40 66969110|Harbour Pilots|Member, Invoice|
Emma Johansson|Hamburg|DE|+49 40 66969111||Back pain|
Yusuf Yılmaz|Hamburg|DE|+49 40 66969112|Yılmaz Bakery|Member|Comes with his daughter, who translates.
Hannah Schneider|Buxtehude|DE|+49 4161 555013||After surgery|
Noah van den Berg|Hamburg|DE|+49 40 66969114||Runner, Member|
Fatima El Amrani|Hamburg|DE|+49 40 66969115||Member|
Matteo Rossi|Hamburg|DE|+49 40 66969116|Trattoria Rossi|Invoice|
Greta Lindqvist|Hamburg|DE|+49 40 66969117||Member|
Daniel Kim|Hamburg|DE|+49 40 66969118|Kim Architects|Invoice, Back pain|Desk work; ask about the new chair.
Zuzanna Kowalska|Hamburg|DE|+49 40 66969119||After surgery|
Ben Fischer|Hamburg|DE|+49 40 66969120||Member, Runner|
Aylin Demir|Hamburg|DE|+49 40 66969121||Member|
Peter Svensson|Kiel|DE|+49 431 5550122||Back pain|
Laura Martínez|Hamburg|DE|+49 40 66969123||Runner|
Georg von Ahlefeld|Plön|DE|+49 4522 55501|Estate Ahlefeld|Invoice|
Amina Okafor|Hamburg|DE|+49 40 66969125||Member|
Felix Braun|Hamburg|DE|+49 40 66969126||Member|
Ingrid Sørensen|Flensburg|DE|+49 461 555014||After surgery|Drives an hour; offer double sessions.
Rafael Silva|Hamburg|DE|+49 40 66969128||Runner|
Nele Petersen|Husum|DE|+49 4841 55502||Back pain|
Samuel Osei|Hamburg|DE|+49 40 66969130||Member|
Katharina Vogel|Hamburg|DE|+49 40 66969131|Vogel & Partner|Invoice|
David Cohen|Hamburg|DE|+49 40 66969132||Member|
Linh Nguyen|Hamburg|DE|+49 40 66969133||Member, Back pain|
Oscar Nilsson|Hamburg|DE|+49 40 66969134||Runner|
Marie Becker|Hamburg|DE|+49 40 66969135||Member|
Tariq Hassan|Hamburg|DE|+49 40 66969136|Hassan Taxi|Invoice|
Clara Wagner|Hamburg|DE|+49 40 66969137||After surgery|
Andrei Popescu|Hamburg|DE|+49 40 66969138||Member|
Julia Krüger|Ahrensburg|DE|+49 4102 55503||Back pain|
Henry Clarke|London|GB|+44 20 7946 0140|Clarke Shipping|Invoice|In Hamburg every second week.
Isabella Conti|Hamburg|DE|+49 40 66969141||Member|
Paul Schröder|Hamburg|DE|+49 40 66969142||Member|
Nadia Rahimi|Hamburg|DE|+49 40 66969143||Member|
Magnus Eriksen|Hamburg|DE|+49 40 66969144||Runner|
Sabine Lange|Pinneberg|DE|+49 4101 55504||Back pain|
Kwame Mensah|Hamburg|DE|+49 40 66969146||Member|
Elena Ivanova|Hamburg|DE|+49 40 66969147||Member|
Tim Richter|Hamburg|DE|+49 40 66969148||Runner|
Rosa Almeida|Hamburg|DE|+49 40 66969149||After surgery|
Jan de Vries|Hamburg|DE|+49 40 66969150|De Vries Florist|Invoice|
Leonie Hartmann|Hamburg|DE|+49 40 66969151||Member|
Omar Farouk|Hamburg|DE|+49 40 66969152||Member|
Sina Zimmermann|Norderstedt|DE|+49 40 66969153||Back pain|
Gabriel Moreau|Hamburg|DE|+49 40 66969154||Runner|
Helene Koch|Hamburg|DE|+49 40 66969155||Member|Hard of hearing; write rather than call.
Arjun Mehta|Hamburg|DE|+49 40 66969156|Mehta Software|Invoice|
Frieda Baumann|Hamburg|DE|+49 40 66969157||After surgery|
Luca Bianchi|Hamburg|DE|+49 40 66969158||Member|
Birgit Claussen|Elmshorn|DE|+49 4121 55505||Back pain|
Theo Krause|Hamburg|DE|+49 40 66969160||Member|
`

// plain spells a name without the letters that an address does not have.
var plain = strings.NewReplacer("ć", "c", "ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "í", "i", "ı", "i", "á", "a", "é", "e", "ø", "o", "'", "", "Y", "y")

func people() []Person {
	var out []Person
	for _, line := range strings.Split(strings.TrimSpace(roll), "\n") {
		f := strings.Split(line, "|")
		words := strings.Fields(plain.Replace(strings.ToLower(f[0])))
		p := Person{Name: f[0], Email: words[0] + "." + words[len(words)-1] + "@example.com", City: f[1], Country: f[2], Phone: f[3], Company: f[4],
			Language: "de", TimeZone: "Europe/Berlin", Note: f[6]}
		if f[2] == "GB" {
			p.Language, p.TimeZone = "en", "Europe/London"
		}
		for _, tag := range strings.Split(f[5], ",") {
			p.Tags = append(p.Tags, strings.TrimSpace(tag))
		}
		out = append(out, p)
	}
	return out
}
