package similar

import (
	_ "embed"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/search"
)

// meaningPrefix marks terms that are a meaning and no word of a language.
const meaningPrefix = "="

// meanings.txt has a line for each thing that teams talk about: its name, then the words for it in English,
// Ukrainian and Russian. A word at the beginning of which only the stem counts stands in any form.
//
//go:embed meanings.txt
var meaningsText string

// meanings says what a word, or its stem, means.
var meanings = readMeanings(meaningsText)

func readMeanings(text string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		name := meaningPrefix + strings.TrimSuffix(words[0], ":")
		for _, w := range words[1:] {
			if _, ok := found[w]; !ok {
				found[w] = name
			}
			for _, stem := range search.Stems(w) {
				if _, ok := found[stem]; !ok {
					found[stem] = name
				}
			}
		}
	}
	return found
}

// platforms are where something runs, under the names that people use. Two that are not the same contradict.
var platforms = expand(map[string]string{
	"ios":     "ios iphone iphones ipad айос айфон айфоні айфона айфони айфоне айфонах айфонів айпад айпаді айпаде іос иос",
	"android": "android андроїд андроїді андроїда андроїдах андроид андроиде андроида андроидах pixel samsung xiaomi самсунг самсунгу самсунге",
	"windows": "windows win10 win11 вінда вінді виндовс винда винде віндовс",
	"macos":   "macos mac macbook мак маку маке макбук макбуці",
	"linux":   "linux ubuntu debian лінукс линукс",
	"chrome":  "chrome хром хромі хроме",
	"safari":  "safari сафарі сафари",
	"firefox": "firefox фаєрфокс файрфокс лис",
	"edge":    "msedge",
	"staging": "staging stage стейдж стейджі стейдже стейджинг стейджингу",
	"prod":    "prod production прод проді проде продакшн продакшені",
	"tablet":  "tablet планшет планшеті планшете",
})

// expand turns name and words around.
func expand(of map[string]string) map[string]string {
	found := map[string]string{}
	for name, words := range of {
		for w := range strings.FieldsSeq(words) {
			found[w] = "@" + name
			for _, stem := range search.Stems(w) {
				found[stem] = "@" + name
			}
		}
	}
	return found
}

// opposites are meanings of which a text about the one is not about the other.
var opposites = [...][2]string{
	{"=login", "=logout"}, {"=import", "=export"}, {"=upload", "=download"}, {"=enable", "=disable"}, {"=add", "=delete"},
	{"=send", "=receive"}, {"=light", "=dark"}, {"=open", "=close"}, {"=slow", "=crash"}, {"=monthly", "=weekly"}, {"=monthly", "=daily"},
	{"=weekly", "=daily"}, {"=login", "=register"}, {"=front", "=back"}, {"=refund", "=charge"}, {"=increase", "=decrease"},
	{"=deposit", "=withdraw"}, {"=pdf", "=excel"}, {"=sms", "=push"}, {"=sms", "=email"}, {"=email", "=push"},
	{"=excel", "=csv"}, {"=pdf", "=csv"}, {"=incoming", "=outgoing"}, {"=applepay", "=googlepay"}, {"=sound", "=picture"}, {"=create", "=delete"}, {"=mobile", "=site"},
}

// Text.sides has a bit for each: with a 65th this does not compile.
var _ [64 - len(opposites)]struct{}

// vague are meanings that every other issue has, however it is put.
var vague = map[string]bool{
	"=work": true, "=broken": true, "=problem": true, "=error": true, "=fix": true, "=nothing": true,
	"=new": true, "=today": true, "=yesterday": true, "=morning": true,
}

// phrases are words that mean something else together.
var phrases = strings.NewReplacer("log in", "login", "logs in", "login", "logged in", "login", "logging in", "login", "sign in", "login", "signed in", "login",
	"log out", "logout", "logs out", "logout", "logged out", "logout", "logging out", "logout", "sign out", "logout", "signed out", "logout", "sign up", "signup",
	"apple pay", "applepay", "google pay", "googlepay", "time out", "timeout", "times out", "timeout", "timed out", "timeout", "out of", "no", "a lot of", "many")

// stopWords join others and say nothing.
var stopWords = func() map[string]bool {
	found := map[string]bool{}
	for w := range strings.FieldsSeq(`
a an the and or but if then of to in on at by for with from into as is are was were be been being am do does did done have has had having
it its this that these those there here i me my we us our you your he she they them their him her who what which when where why how
not no nor so too very just only also again still yet already now please pls thanks thank hi hey hello ok okay yes yeah guys team all any some
can cannot cant can't could would should will shall may might must don't doesn't didn't isn't wasn't won't i'm it's we're
get gets got getting every each up out about after before over under than more most much many same other one since back there's
а і й та або чи але що як це цей ця ці той та те ті то у в на з із зі до від для по про при за під над через після перед між без
не ні ж же би б так ще вже тільки лише теж також знову зараз тут там де коли чому хто який яка яке які мене мені нас нам вас вам він вона воно вони їх його її
є був була було були бути буде привіт дякую будь ласка будь-ласка всім усім всі все всього у нас когось хтось щось можна треба потрібно дуже
и или но что как это этот эта эти тот те у в на с со из к ко от для по о об при за под над через после перед между без
нет ни уже ещё еще только тоже также снова сейчас здесь там где когда почему кто какой какая какие меня мне нас нам вас вам он она оно они их его её ее
есть был была было были быть будет привет спасибо пожалуйста всем все кто-то что-то можно надо нужно очень же бы ли
look help подивіться гляньте допоможіть посмотрите гляньте помогите народ колеги коллеги ребят ребята хлопці друзі`) {
		found[w] = true
	}
	return found
}()
