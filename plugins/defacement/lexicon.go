package defacement

// The words are in lower case, and as they read once digits that stand for
// letters are put back. Their places in the lists are remembered: append,
// never insert or remove. At most 64 each.

// strong words are what intruders sign with.
var strong = []string{
	"hacked by", "defaced by", "pwned by", "haxored", "hacked with", "has been hacked", "have been hacked", "been defaced", "got hacked by",
	"you got owned", "stamped by", "hackeado por", "hacked por", "gehackt von", "gehackt durch", "piraté par", "hacké par",
	"hackerato da", "gehackt door", "zhakowane przez", "zhackowane przez", "hacklendi", "hacklenmiştir", "tarafından hacklen",
	"diretas oleh", "dihack oleh", "di hack oleh", "bị hack bởi", "сайт взломан", "взломано", "взломан командой", "сайт зламано",
	"تم اختراق", "تم الاختراق", "هک شد", "هک شده توسط", "被黑客入侵", "此网站已被黑", "黑客到此一游", "ハッキングされました", "해킹당했습니다",
	"touched by", "pawned by", "rooted by", "security breached by",
}

// weak words are common in such pages, and found elsewhere, too.
var weak = []string{
	"hacked", "hacker", "hackers", "hacking", "defaced", "defacer", "pwned", "owned by", "rooted", "greetz", "greets to", "shoutz",
	"cyber army", "cyber team", "cyber warrior", "blackhat", "black hat", "we are anonymous", "we are legion", "expect us",
	"was here", "your security is", "low security", "security is an illusion", "patch your", "backdoor", "zone-h", "elite team",
	"no system is safe", "sorry admin", "hello admin", "dear admin", "admin, your", "mass deface", "exploit", "hacktivist",
	"hacktivists", "ghost squad", "jihad", "we will never forget", "don't worry admin", "your site", "your files are safe",
}
