// Web shells: pages that run what a visitor sends.

rule Webshell_PHP_Runs_Request
{
    meta:
        description_it = "Pagina PHP che esegue comandi o codice ricevuti nella richiesta (web shell)"
        description_en = "PHP page that runs commands or code taken from the request (web shell)"
        severity = "critical"
        technique = "T1505.003"
    strings:
        $php = "<?"
        $run = /\b(eval|assert|system|passthru|shell_exec|popen|proc_open|exec)\s*\(\s*(@?(base64_decode|gzinflate|gzuncompress|str_rot13|stripslashes|urldecode|trim)\s*\(\s*){0,4}@?\$(_GET|_POST|_REQUEST|_COOKIE|_SERVER|\{"_POST"\})\s*\[/ nocase
    condition:
        filesize < 1MB and $php and $run
}

rule Webshell_PHP_Packed
{
    meta:
        description_it = "Pagina PHP che decodifica ed esegue un lungo blocco nascosto"
        description_en = "PHP page that unpacks and runs a long hidden block"
        severity = "high"
        technique = "T1027"
    strings:
        $php = "<?"
        $run = /\b(eval|assert)\s*\(\s*(@?(gzinflate|gzuncompress|gzdecode|str_rot13|base64_decode|strrev|rawurldecode|convert_uudecode)\s*\(\s*){1,6}['"][A-Za-z0-9+\/=]{200}/ nocase
    condition:
        filesize < 4MB and $php and $run
}

rule Webshell_ASP_JSP
{
    meta:
        description_it = "Pagina ASP o JSP che esegue comandi ricevuti nella richiesta (web shell)"
        description_en = "ASP or JSP page that runs commands taken from the request (web shell)"
        severity = "critical"
        technique = "T1505.003"
    strings:
        $page = "<%"
        $java = /getRuntime\(\)\s*\.\s*exec\s*\(\s*(new String\s*\()?\s*request\s*\.\s*getParameter/
        $eval = /\b(eval|execute|executeglobal)\s*\(?\s*request(\.item|\.form|\.querystring)?\s*[\(\[]\s*"/ nocase
        $net1 = "System.Diagnostics" nocase
        $net2 = /\.Arguments\s*=[^;\n]{0,80}Request(\.Form|\.QueryString)?\s*\[/ nocase
    condition:
        filesize < 1MB and $page and ($java or $eval or ($net1 and $net2))
}
