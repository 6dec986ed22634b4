// What attackers leave or run at the end: ransom notes and coin miners.

rule Ransom_Note
{
    meta:
        description_it = "Lettera di riscatto: dice che i file sono cifrati e come pagare"
        description_en = "Ransom note: says that files are encrypted and how to pay"
        severity = "high"
        technique = "T1486"
    strings:
        $claim1 = /\b(all\s{1,4}(of\s{1,4})?)?your\s{1,4}[a-z, ]{0,60}(files|documents|data|network|servers|databases)\s[a-z, ]{0,60}(encrypted|locked|ciphered)/ nocase
        $claim2 = /\b(tutti\s{1,4})?i\s{1,4}(tuoi|vostri)\s{1,4}[a-z, ]{0,40}(file|dati|documenti)\s[a-z, ]{0,60}(cifrati|criptati|crittografati|bloccati)/ nocase
        $demand1 = /\b(decrypt(ion|or)?|private|unique)\s{1,4}(key|tool|software|program)\b/ nocase
        $demand2 = /\b(chiave|programma|strumento)\s{1,4}(di|per la|privata)\s{0,4}(decifratura|decrittazione|decriptazione)?/ nocase
        $demand3 = /\b(recover|restore|decrypt|recuperare|decifrare|decriptare)\s[a-z ]{0,40}(files|data|file|dati|documenti)\b/ nocase
        $contact1 = /\b[a-z2-7]{16,56}\.onion\b/
        $contact2 = /\b(bc1[a-z0-9]{25,60}|[13][a-km-zA-HJ-NP-Z1-9]{25,34})\b/
        $contact3 = /[a-z0-9._\-]{2,40}@(proton(mail)?\.(com|me)|tuta(nota)?\.(com|io|de)|onionmail\.org|cock\.li|airmail\.cc|aol\.com|mail2tor\.com|keemail\.me)\b/ nocase
        $contact4 = /\b(tox|session)\s{1,4}id\s{0,4}[:=]?\s{0,4}[0-9A-F]{64}/ nocase
        $threat1 = /\b(do not|don't|never)\s{1,4}(try to\s{1,4})?(rename|modify|delete|decrypt|recover|use third|contact the police|shut ?down|turn off)/ nocase
        $threat2 = /\b(price|ransom|amount|prezzo|riscatto)\s[a-z ]{0,40}(double|doubled|increase|raddoppi)/ nocase
        $threat3 = /\b(will be|we will|saranno|verranno)\s[a-z ]{0,40}(publish|published|leak|leaked|pubblicat[ie]|destroyed|distrutt[ie]|deleted)/ nocase
        $threat4 = /\b(non|evitate di)\s{1,4}(rinominate|modificate|rinominare|modificare|spegnete|spegnere|contattate|contattare)\b/ nocase
        $hours = /\b(24|48|72|96)\s{0,2}(hours|ore|h)\b/ nocase
    condition:
        filesize < 128KB and any of ($claim*) and any of ($demand*) and any of ($contact*) and (any of ($threat*) or $hours)
}

rule Coin_Miner_Config
{
    meta:
        description_it = "Configurazione o avvio di un programma che genera criptovaluta"
        description_en = "Configuration or start of a program that mines cryptocurrency"
        severity = "medium"
        technique = "T1496.001"
    strings:
        $json1 = "\"donate-level\"" nocase
        $json2 = "\"pools\"" nocase
        $json3 = "\"randomx\"" nocase
        $json4 = /"(algo|coin)"\s{0,4}:/ nocase
        $stratum = /stratum\+(tcp|ssl|tls):\/\/[a-z0-9.\-]{4,80}:[0-9]{2,5}/ nocase
        $wallet = /\b[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}\b/
        $user = /(-u|--user|"user"\s{0,4}:|--wallet)\s{0,4}/
    condition:
        filesize < 256KB and (
            ($json1 and $json2 and ($json3 or $json4) and ($wallet or $stratum))
            or ($stratum and $wallet and $user)
        )
}
