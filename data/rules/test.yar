// A harmless script by which anyone can see the scanner at work.

rule Baluardo_Test_Script
{
    meta:
        description_it = "Script di prova di Baluardo: innocuo, serve a mostrare che il controllo funziona"
        description_en = "Baluardo's test script: harmless, it shows that scanning works"
        severity = "high"
        technique = "T1059"
    strings:
        $marker = "BALUARDO-TEST-SCRIPT-5f0c2a44-9b1e-4d7a-8a35-c1d6e0b7f912"
        $batch = "@rem " nocase
    condition:
        filesize < 64KB and (uint16be(0) == 0x2321 or $batch at 0) and $marker in (0..512)
}
