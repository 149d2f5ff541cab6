package lexicon

// intruders are in lower case, one a line, with letters for the digits that
// stand for them in words such as "h4ck3d".
var intruders = map[Class]string{
	Signature: `
		hacked by
		hacked with
		defaced by
		pwned by
		pawned by
		rooted by
		stamped by
		touched by
		haxored
		has been hacked
		have been hacked
		been defaced
		got hacked by
		you got owned
		security breached by
		hackeado por
		hacked por
		gehackt von
		gehackt durch
		piraté par
		hacké par
		hackerato da
		gehackt door
		zhakowane przez
		zhackowane przez
		hacklendi
		hacklenmiştir
		tarafından hacklendi
		tarafından hacklenmiştir
		diretas oleh
		dihack oleh
		di hack oleh
		bị hack bởi
		сайт взломан
		взломано
		взломан командой
		сайт зламано
		تم اختراق
		تم الاختراق
		هک شد
		هک شده توسط
		被黑客入侵
		此网站已被黑
		黑客到此一游
		ハッキングされました
		해킹당했습니다`,
	Boast: `
		hacked
		hacker
		hackers
		hacking
		defaced
		defacer
		defacers
		pwned
		owned by
		rooted
		greetz
		greets to
		shoutz
		cyber army
		cyber team
		cyber warrior
		cyber warriors
		blackhat
		black hat
		we are anonymous
		we are legion
		expect us
		was here
		your security is
		low security
		security is an illusion
		patch your
		backdoor
		zone-h
		elite team
		no system is safe
		sorry admin
		hello admin
		dear admin
		admin, your
		mass deface
		exploit
		exploits
		hacktivist
		hacktivists
		ghost squad
		jihad
		we will never forget
		don't worry admin
		your site
		your files are safe`,
}
