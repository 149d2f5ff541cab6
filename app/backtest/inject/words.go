package inject

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// between gives a number from low to high.
func between(r *rand.Rand, low, high int) int { return low + r.IntN(high-low+1) }

// letters gives a random word of the alphabet.
func letters(r *rand.Rand, alphabet string, size int) string {
	word := make([]byte, size)
	for i := range word {
		word[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(word)
}

const (
	hexDigits    = "0123456789abcdef"
	alphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// spoken gives a word that can be spoken.
func spoken(r *rand.Rand) string {
	syllables := strings.Fields("ba co da fe gi ho ju ka lo me ni po qua ra si tu ve wo xi zu lan ter mon dex vor pix sta kin")
	var word strings.Builder
	for range between(r, 2, 4) {
		word.WriteString(pick(r, syllables))
	}
	return word.String()
}

// foreignHost gives a host that no page uses: below a domain reserved for
// examples, at a hosting service, or a bare address of those for documentation.
func foreignHost(r *rand.Rand) string {
	domain := spoken(r) + "-" + spoken(r)
	switch r.IntN(6) {
	case 0:
		return domain + ".example"
	case 1:
		return "cdn." + domain + ".example"
	case 2:
		return letters(r, alphanumeric, 5) + ".static-" + domain + ".example"
	case 3:
		return domain + pick(r, []string{".pages.dev", ".web.app", ".netlify.app"})
	case 4:
		return fmt.Sprintf("203.0.113.%d", between(r, 1, 254))
	}
	return domain + pick(r, []string{".test", ".invalid"})
}

// crew gives the name of a group of intruders.
func crew(r *rand.Rand) string {
	first := pick(r, strings.Fields("Gh0st Dark Black Red Silent Iron Shadow Cyber Null Zero Anon Night Toxic Crimson"))
	second := pick(r, strings.Fields("Lynx Wolves Squad Army Crew Team Falcon Storm Hunter Legion Phantom Syndicate r00t K1ng"))
	return first + pick(r, []string{"", " ", "_", "-", "."}) + second
}

// shout is how intruders announce themselves in a language.
type shout struct {
	lang  string
	by    string // with a %s for who
	lines []string
}

var shouts = []shout{
	{"en", "Hacked by %s", []string{"Your security is a joke.", "We were here. Admin, patch your server!", "This site has been defaced. Nothing was deleted, your index was saved.", "We do not forgive and we do not forget."}},
	{"en", "0wned by %s", []string{"Greetz to all our friends.", "Your box got rooted, sorry admin."}},
	{"en", "%s was here", []string{"Website pwned. Contact us to get it back.", "Defaced for fun, not for money."}},
	{"es", "Hackeado por %s", []string{"Su seguridad no existe.", "Este sitio ha sido hackeado. Administrador, arregle su servidor.", "No olvidamos."}},
	{"pt", "Hackeado por %s", []string{"Sua segurança é uma piada.", "Este site foi invadido. Nada foi apagado.", "Acorda, admin!"}},
	{"fr", "Piraté par %s", []string{"Votre sécurité est nulle.", "Ce site a été piraté, rien n'a été effacé.", "Nous reviendrons."}},
	{"de", "Gehackt von %s", []string{"Eure Sicherheit ist ein Witz.", "Diese Seite wurde gehackt. Es wurde nichts gelöscht."}},
	{"tr", "%s tarafından hacklendi", []string{"Güvenliğiniz yok.", "Bu site ele geçirildi. Yöneticiye selamlar.", "Vatan sana canım feda."}},
	{"id", "Diretas oleh %s", []string{"Keamanan situs Anda lemah, admin.", "Situs ini telah diretas. Tidak ada data yang dihapus."}},
	{"ru", "Взломано %s", []string{"Ваша защита никуда не годится.", "Этот сайт взломан. Привет админу!"}},
	{"ar", "تم الاختراق بواسطة %s", []string{"لا يوجد نظام آمن.", "لقد تم اختراق هذا الموقع، تحية إلى المدير."}},
	{"fa", "هک شده توسط %s", []string{"امنیت شما ضعیف است.", "این سایت هک شد."}},
	{"zh", "此网站已被 %s 黑客入侵", []string{"你们的安全性太差了。", "管理员，请修复漏洞。"}},
}

func (s shout) headline(r *rand.Rand) string { return fmt.Sprintf(s.by, crew(r)) }

// spam is what hidden links praise, in several languages.
var spam = []string{
	"online casino no deposit bonus", "best slots real money", "live poker free spins", "sports betting odds",
	"buy cheap viagra online", "cialis without prescription", "generic pharmacy discount", "weight loss pills",
	"replica watches sale", "cheap designer handbags", "luxury shoes outlet", "payday loans bad credit",
	"essay writing service", "crypto investment signals", "adult dating tonight",
	"situs slot gacor terpercaya", "judi bola online", "agen togel resmi", "link alternatif slot deposit pulsa",
	"canlı bahis siteleri", "kaçak iddaa", "deneme bonusu veren siteler", "escort bayan",
	"казино онлайн бесплатно", "ставки на спорт", "купить диплом недорого", "займ на карту",
	"cassino online grátis", "apostas esportivas bônus", "comprar seguidores baratos",
	"Casino ohne Lizenz", "Potenzmittel rezeptfrei kaufen", "casino en ligne retrait immédiat", "acheter kamagra",
	"スーパーコピー 時計", "オンラインカジノ 入金不要", "バッグ 激安 通販", "博彩网站 注册送彩金", "百家乐 网址", "카지노사이트 추천", "먹튀검증 토토",
}

// lure asks for a password in a language.
type lure struct{ headline, text, user, password, button string }

var lures = []lure{
	{"Session expired", "For your security, please sign in again to continue.", "Email", "Password", "Sign in"},
	{"Verify your account", "Unusual activity was detected. Confirm your details within 24 hours.", "User name", "Password", "Verify now"},
	{"Secure document", "Log in with your mail account to view the shared file.", "Mail address", "Mail password", "View document"},
	{"Sesión caducada", "Vuelva a iniciar sesión para continuar.", "Correo electrónico", "Contraseña", "Entrar"},
	{"Sitzung abgelaufen", "Bitte melden Sie sich erneut an.", "E-Mail-Adresse", "Passwort", "Anmelden"},
	{"Session expirée", "Veuillez vous reconnecter pour continuer.", "Adresse e-mail", "Mot de passe", "Se connecter"},
	{"Sessão expirada", "Entre novamente para continuar.", "E-mail", "Senha", "Entrar"},
	{"Sessione scaduta", "Accedi di nuovo per continuare.", "Indirizzo e-mail", "Password", "Accedi"},
	{"Oturumunuz sona erdi", "Devam etmek için tekrar giriş yapın.", "E-posta", "Şifre", "Giriş yap"},
	{"Сессия истекла", "Войдите снова, чтобы продолжить.", "Электронная почта", "Пароль", "Войти"},
}

// plain are the words of pages that are made up.
var plain = strings.Fields(`the a every our this old new small bright quiet garden kitchen village mountain river
	recipe bicycle workshop orchestra teacher painter farmer market festival winter summer evening morning
	makes brings finds opens shows keeps offers tells follows repairs without under between after because and with`)

// sentence gives a made-up sentence.
func sentence(r *rand.Rand) string {
	words := make([]string, between(r, 7, 18))
	for i := range words {
		words[i] = pick(r, plain)
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// sentences gives several made-up sentences.
func sentences(r *rand.Rand, least, most int) string {
	all := make([]string, between(r, least, most))
	for i := range all {
		all[i] = sentence(r)
	}
	return strings.Join(all, " ")
}

// toASCII writes all other characters as HTML's character references.
func toASCII(text string) string {
	var out strings.Builder
	for _, c := range text {
		if c < utf8.RuneSelf {
			out.WriteRune(c)
		} else {
			fmt.Fprintf(&out, "&#%d;", c)
		}
	}
	return out.String()
}
