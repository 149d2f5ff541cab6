package lexicon

// phrases are in lower case, one a line.
var phrases = [numClasses]string{
	Defaced: `
		hacked by
		h4cked by
		hack3d by
		haxored by
		defaced by
		owned by team
		0wned by
		pwned by
		pwn3d
		got hacked
		got rooted
		h4x0r
		greetz
		we are anonymous
		we are legion
		we do not forgive
		your security is low
		your security sucks
		your security is a joke
		security is just an illusion
		has been defaced
		this site has been hacked
		this website has been hacked
		site has been pwned
		your site has been hacked
		your website has been hacked
		your files have been encrypted
		patch your system
		cyber army
		hackeado por
		sitio hackeado
		este sitio ha sido hackeado
		hackeada por
		invadido por
		invadido pelo
		invadido pela
		hackeado pelo
		hackeado pela
		site hackeado
		este site foi invadido
		este site foi hackeado
		piraté par
		site piraté
		ce site a été piraté
		hacké par
		gehackt von
		diese seite wurde gehackt
		diese website wurde gehackt
		hackerato da
		questo sito è stato hackerato
		zhakowane przez
		zhackowane przez
		gehackt door
		tarafından ele geçirildi
		tarafından hacklendi
		tarafından hacklenmiştir
		bu site hacklendi
		hacklendiniz
		diretas oleh
		telah diretas
		di hack oleh
		взломали
		хакнут
		захвачен группой
		захвачен хакерами
		взломано
		взломан
		сайт взломан
		зламано
		هک شده توسط
		این سایت هک شد
		این وب سایت هک شد
		وبسایت هک شد
		تم الاختراق
		تم اختراق
		被黑客入侵
		被黑客攻陷
		网站已被攻陷
		小组攻陷
		黑客攻陷
		黑客入侵
		网站已被黑
		ハッキングされました
		đã bị hack
		bị tấn công bởi
		हैक कर लिया गया
		हैक कर ली गई
		हैक की गई है
		해킹당했습니다`,
	Suspicious: `
		hacked
		hackers
		defaced
		pwned
		rooted
		was here
		h4ck3d
		haxor
		deface
		defacement
		hackeado
		piraté
		gehackt
		hacklendi
		hacktivist
		cyber team
		хакер`,
	Spam: `
		viagra
		cialis
		levitra
		kamagra
		tramadol
		phentermine
		online casino
		casino online
		casino bonus
		online slots
		free spins
		no deposit bonus
		deposit bonus
		sports betting
		betting odds
		real money slots
		poker online
		online poker
		live poker
		best casino
		replica watches
		rolex replica
		replica handbags
		cheap jerseys
		designer handbags
		payday loans
		payday loan
		essay writing service
		buy followers
		weight loss pills
		without prescription
		online pharmacy
		generic pharmacy
		porn
		xxx
		escorts
		escort girls
		adult dating
		slot gacor
		situs slot
		slot online
		link alternatif
		judi bola
		judi online
		agen togel
		togel
		bandar judi
		bahis siteleri
		canlı bahis
		kaçak iddaa
		kaçak bahis
		deneme bonusu
		escort bayan
		казино
		онлайн казино
		ставки на спорт
		виагра
		купить диплом
		займ на карту
		cassino online
		casino en ligne
		casino en línea
		apuestas deportivas
		apostas esportivas
		casino ohne lizenz
		rezeptfrei kaufen
		potenzmittel
		casinò online
		kasyno online
		スーパーコピー
		オンラインカジノ
		激安
		博彩
		百家乐
		赌场
		彩票
		카지노
		먹튀
		토토
		바카라`,
	Error: `
		internal server error
		500 internal
		server error
		bad gateway
		service unavailable
		service temporarily unavailable
		temporarily unavailable
		gateway timeout
		gateway time-out
		404 not found
		page not found
		not found on this server
		the requested url was not found
		403 forbidden
		error establishing a database connection
		database connection error
		error connecting to the database
		could not connect to the database
		database error
		can't connect to
		too many connections
		connection refused
		fatal error
		undefined variable
		undefined index
		undefined array key
		call to undefined function
		headers already sent
		in /var/www
		parse error
		uncaught exception
		unhandled exception
		stack trace
		runtime error
		an error occurred
		an error has occurred
		application error
		something went wrong
		an unexpected error
		critical error on this website
		error 500
		error 502
		error 503
		error 504
		http error
		web server is down
		origin is unreachable
		connection timed out
		upstream connect error
		no healthy upstream
		welcome to nginx
		apache2 default page
		apache is functioning normally
		test page for
		it works!
		index of /
		account suspended
		account has been suspended
		bandwidth limit exceeded
		seite nicht gefunden
		interner serverfehler
		ein fehler ist aufgetreten
		erreur interne
		page non trouvée
		page introuvable
		une erreur est survenue
		error interno
		página no encontrada
		página não encontrada
		erro interno
		ha ocurrido un error
		ocorreu um erro
		pagina non trovata
		pagina niet gevonden
		страница не найдена
		внутренняя ошибка сервера
		произошла ошибка
		sayfa bulunamadı
		bir hata oluştu
		服务器内部错误
		页面不存在
		エラーが発生しました`,
	Maintenance: `
		under maintenance
		down for maintenance
		scheduled maintenance
		undergoing maintenance
		maintenance mode
		site maintenance
		site is offline
		we'll be back soon
		we will be back soon
		be right back
		we'll be right back
		back shortly
		coming soon
		under construction
		wartungsarbeiten
		wartungsmodus
		wegen wartung
		en maintenance
		en cours de maintenance
		en mantenimiento
		em manutenção
		in manutenzione
		in onderhoud
		технические работы
		bakım çalışması
		bakımdayız
		メンテナンス中
		维护中`,
	Parked: `
		domain is for sale
		this domain is for sale
		domain may be for sale
		buy this domain
		domain for sale
		parked free
		domain is parked
		parked domain
		this domain has expired
		domain has expired
		related searches
		diese domain steht zum verkauf
		diese domain kaufen
		domaine est à vendre
		dominio en venta
		домен продается
		域名出售`,
	Challenge: `
		just a moment
		checking your browser
		verify you are human
		verifying you are human
		are you a robot
		i'm not a robot
		enable javascript and cookies to continue
		please enable javascript
		enable cookies
		access denied
		you have been blocked
		request blocked
		request was blocked
		request unsuccessful
		unusual traffic
		ddos protection by
		attention required
		security check
		too many requests
		rate limit exceeded
		pardon our interruption
		zugriff verweigert
		accès refusé
		acceso denegado
		acesso negado
		доступ запрещен`,
	Login: `
		please log in
		please sign in
		log in to continue
		sign in to continue
		login required
		you must be logged in
		session has expired
		session expired
		forgot password
		forgot your password
		bitte melden sie sich an
		passwort vergessen
		mot de passe oublié
		veuillez vous connecter
		inicie sesión
		olvidó su contraseña
		esqueceu a senha
		accedi per continuare
		войдите`,
}
