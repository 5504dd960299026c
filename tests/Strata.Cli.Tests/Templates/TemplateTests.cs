using System.Text.Json;
using CsCheck;
using Strata.Cli.Templates;

namespace Strata.Cli.Tests.Templates;

/// <summary>Results are what Go's text/template gives for the same template and data, with docker's functions.</summary>
public sealed class TemplateTests
{
    private static readonly Value Data = Value.Of(
        ("Id", "sha256:abc"),
        ("Name", "web server"),
        ("Size", 1234567),
        ("Share", new Value.Real(0.5)),
        ("Running", true),
        ("Tags", Value.Of(["app:v1", "app:v2"])),
        ("Empty", Value.Of(Array.Empty<string>())),
        ("Cmd", Value.NoList),
        ("Nothing", Value.None),
        ("Config", Value.Of(
            ("Labels", new Value.Map([new("b", "two"), new("a.x", "one")])),
            ("Volumes", Value.NoMap),
            ("Env", Value.Of(["PATH=/bin", "A=1"])))),
        ("Mounts", Value.Of(
        [
            Value.Of(("Source", "/src"), ("RW", true)),
            Value.Of(("Source", "/data"), ("RW", false)),
        ])));

    [Theory]
    // Text, comments, blanks.
    [InlineData("no field }} { at all", "no field }} { at all")]
    [InlineData("", "")]
    [InlineData("a{{/* nothing */}}b", "ab")]
    [InlineData("a {{- /* nothing */ -}} b", "ab")]
    [InlineData("a  {{- .Id -}}  b", "asha256:abcb")]
    [InlineData("a\n{{- \"x\"}}\n b", "ax\n b")]
    [InlineData("{{- 3}}", "3")]
    [InlineData("{{-3}}", "-3")]
    // Fields and values.
    [InlineData("{{.Id}}", "sha256:abc")]
    [InlineData("{{ .Id }}/{{$.Id}}", "sha256:abc/sha256:abc")]
    [InlineData("{{.Size}} {{.Share}} {{.Running}}", "1234567 0.5 true")]
    [InlineData("{{.Tags}}", "[app:v1 app:v2]")]
    [InlineData("{{.Empty}} {{.Cmd}}", "[] []")]
    [InlineData("{{.Nothing}}", "<no value>")]
    [InlineData("{{.Config.Labels}}", "map[a.x:one b:two]")]
    [InlineData("{{.Config.Labels.b}}", "two")]
    [InlineData("{{.Config.Labels.c}}", "<no value>")]
    [InlineData("{{.Config.Volumes}}", "map[]")]
    [InlineData("{{.Mounts}}", "[{/src true} {/data false}]")]
    [InlineData("{{(index .Mounts 1).Source}}", "/data")]
    // Constants.
    [InlineData("{{\"a\\tb\\\"\\u00e9\\x41\"}}", "a\tb\"éA")]
    [InlineData("{{`a\\tb`}}", "a\\tb")]
    [InlineData("{{1}} {{-1}} {{0x1F}} {{1_000}} {{1.50}} {{1e3}} {{'a'}}", "1 -1 31 1000 1.5 1000 97")]
    [InlineData("{{true}}{{false}}", "truefalse")]
    // Pipelines, variables.
    [InlineData("{{.Name | upper}}", "WEB SERVER")]
    [InlineData("{{.Id | printf \"%s-%s\" \"x\"}}", "x-sha256:abc")]
    [InlineData("{{\"out\" | printf \"%q\"}}", "\"out\"")]
    [InlineData("{{$x := .Size}}{{$x}}", "1234567")]
    [InlineData("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2")]
    [InlineData("{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}", "1")]
    [InlineData("{{with $y := .Id}}{{$y}}{{end}}", "sha256:abc")]
    // if, else, with.
    [InlineData("{{if .Running}}up{{else}}down{{end}}", "up")]
    [InlineData("{{if .Empty}}some{{else}}none{{end}}", "none")]
    [InlineData("{{if .Nothing}}a{{else if .Cmd}}b{{else if .Size}}c{{else}}d{{end}}", "c")]
    [InlineData("{{with .Config}}{{len .Env}}{{end}}", "2")]
    [InlineData("{{with .Cmd}}{{.}}{{else}}no command{{end}}", "no command")]
    [InlineData("{{with .Cmd}}{{.}}{{else with .Id}}{{.}}{{end}}", "sha256:abc")]
    // range.
    [InlineData("{{range .Tags}}{{.}} {{end}}", "app:v1 app:v2 ")]
    [InlineData("{{range $i, $t := .Tags}}{{if $i}},{{end}}{{$i}}={{$t}}{{end}}", "0=app:v1,1=app:v2")]
    [InlineData("{{range $t := .Tags}}{{$t}};{{end}}", "app:v1;app:v2;")]
    [InlineData("{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}", "a.x=one b=two ")]
    [InlineData("{{range .Empty}}x{{else}}empty{{end}}", "empty")]
    [InlineData("{{range .Mounts}}{{.Source}}:{{if .RW}}rw{{else}}ro{{end}} {{end}}", "/src:rw /data:ro ")]
    [InlineData("{{range .Mounts}}{{.Source}}{{println}}{{end}}", "/src\n/data\n")]
    [InlineData("{{range 3}}{{.}}{{end}}", "012")]
    [InlineData("{{range .Tags}}{{if eq . \"app:v2\"}}{{break}}{{end}}{{.}}{{end}}", "app:v1")]
    [InlineData("{{range .Tags}}{{if eq . \"app:v1\"}}{{continue}}{{end}}{{.}}{{end}}", "app:v2")]
    [InlineData("{{range .Tags}}{{$.Size}} {{end}}", "1234567 1234567 ")]
    // Comparison and logic.
    [InlineData("{{eq .Size 1234567}} {{eq .Id \"x\" \"sha256:abc\"}} {{ne .Id \"x\"}}", "true true true")]
    [InlineData("{{lt 1 2}} {{le 2 2}} {{gt 1 2}} {{ge \"b\" \"a\"}}", "true true false true")]
    [InlineData("{{and .Running .Id}} {{and .Running 0}} {{or 0 \"\" .Id}} {{not .Running}}", "sha256:abc 0 sha256:abc false")]
    [InlineData("{{if and .Nothing .Nothing.Missing}}a{{else}}b{{end}}", "b")]
    [InlineData("{{if or .Running (index .Tags 9)}}a{{end}}", "a")]
    [InlineData("{{eq .Nothing nil}}", "true")]
    // Functions.
    [InlineData("{{len .Tags}} {{len .Name}} {{len \"é\"}} {{len .Config.Labels}} {{len .Cmd}}", "2 10 2 2 0")]
    [InlineData("{{index .Tags 1}} {{index .Config.Labels \"a.x\"}} [{{index .Config.Labels \"zz\"}}]", "app:v2 one []")]
    [InlineData("[{{index .Config.Volumes \"x\"}}]", "[]")]
    [InlineData("{{slice .Id 0 6}} {{slice .Tags 1}} {{slice \"abc\" 1 2}}", "sha256 [app:v2] b")]
    [InlineData("{{join .Tags \", \"}}", "app:v1, app:v2")]
    [InlineData("{{split .Id \":\"}} {{index (split .Id \":\") 1}}", "[sha256 abc] abc")]
    [InlineData("{{join (split \"a b\" \"\") \"-\"}}", "a- -b")]
    [InlineData("{{upper .Name}} {{lower \"ABC\"}} {{title .Name}}", "WEB SERVER abc Web Server")]
    [InlineData("[{{pad \"x\" 1 2}}] [{{pad \"\" 1 2}}] [{{truncate .Name 3}}] [{{truncate \"ab\" 3}}]", "[ x  ] [] [web] [ab]")]
    [InlineData("{{print 1 2 \"a\" 3}} {{println 1 \"a\"}}", "1 2a3 1 a\n")]
    [InlineData("{{json .Tags}} {{json .Cmd}} {{json .Config}}", "[\"app:v1\",\"app:v2\"] null {\"Labels\":{\"a.x\":\"one\",\"b\":\"two\"},\"Volumes\":null,\"Env\":[\"PATH=/bin\",\"A=1\"]}")]
    [InlineData("{{json \"<a&b>é\"}} {{json .Size}} {{json .Nothing}} {{.Running | json}}", "\"<a&b>é\" 1234567 null true")]
    public void A_template_gives_what_it_gives_in_Go(string template, string expected) => Assert.Equal(expected, Template.Parse(template).Fill(Data));

    [Theory]
    [InlineData("%s|%10s|%-10s|%.2s", "\"abc\" \"abc\" \"abc\" \"abc\"", "abc|       abc|abc       |ab")]
    [InlineData("%d|%5d|%-5d|%05d|%+d|% d", "42 42 42 42 42 42", "42|   42|42   |00042|+42| 42")]
    [InlineData("%d|%x|%X|%o|%b|%c|%q", "-5 255 255 8 5 65 65", "-5|ff|FF|10|101|A|'A'")]
    [InlineData("%f|%.1f|%6.2f|%e|%g", "1.5 1.25 1.5 1500000.0 1500000.0", "1.500000|1.2|  1.50|1.500000e+06|1.5e+06")]
    [InlineData("%v|%v|%v|%v", "1000000.0 100000.0 0.0001 0.00001", "1e+06|100000|0.0001|1e-05")]
    [InlineData("%t|%v|%q|%x", "true \"a\" \"a\\n\\\"b\" \"hi\"", "true|a|\"a\\n\\\"b\"|6869")]
    [InlineData("%T|%T|%T|%T", "1 \"a\" true 1.5", "int|string|bool|float64")]
    [InlineData("100%%", "", "100%")]
    [InlineData("%*d", "5 42", "   42")]
    [InlineData("%d", "\"a\"", "%!d(string=a)")]
    [InlineData("%s", "5", "%!s(int=5)")]
    [InlineData("%s %s", "\"a\"", "a %!s(MISSING)")]
    [InlineData("%s", "\"a\" 5 \"b\"", "a%!(EXTRA int=5, string=b)")]
    [InlineData("a%", "", "a%!(NOVERB)")]
    [InlineData("%z", "1", "%!z(int=1)")]
    [InlineData("%s %q", ".Tags .Tags", "[app:v1 app:v2] [\"app:v1\" \"app:v2\"]")]
    public void Printf_is_Gos(string format, string arguments, string expected) =>
        Assert.Equal(expected, Template.Parse($"{{{{printf \"{format}\" {arguments}}}}}").Fill(Data));

    [Theory]
    [InlineData("{{.Nmae}}", 3, "there is no .Nmae here; did you mean .Name?")]
    [InlineData("{{.size}}", 3, "there is no .size here; did you mean .Size?")]
    [InlineData("{{.Config.Foo}}", 10, "there is no .Foo here; known are .Labels, .Volumes, .Env")]
    [InlineData("{{.Id.x}}", 6, "a text has no field .x")]
    [InlineData("{{.Nothing.x}}", 11, "there is nothing that could have a field .x")]
    [InlineData("{{.Id", 1, "{{ is not closed by }}")]
    [InlineData("ab{{if .Id}}x", 5, "{{if}} is not closed by {{end}}")]
    [InlineData("{{end}}", 3, "{{end}} belongs to no if, range or with")]
    [InlineData("{{else}}", 3, "{{else}} belongs to no if, range or with")]
    [InlineData("{{if 1}}{{else}}{{else}}{{end}}", 19, "there is one {{else}} already")]
    [InlineData("{{if}}x{{end}}", 5, "a value is missing here")]
    [InlineData("{{}}", 3, "a value is missing here")]
    [InlineData("{{.Id | }}", 9, "a value is missing here")]
    [InlineData("{{uper .Id}}", 3, "there is no function uper; did you mean upper?")]
    [InlineData("{{$x}}", 3, "there is no variable $x")]
    [InlineData("{{if 1}}{{$x := 1}}{{end}}{{$x}}", 29, "there is no variable $x")]
    [InlineData("{{\"abc}}", 3, "the text in \" is not closed")]
    [InlineData("{{`abc}}", 3, "the text in ` is not closed")]
    [InlineData("{{/* abc}}", 1, "the comment is not closed; a comment is {{/* … */}}")]
    [InlineData("{{(.Id}}", 3, "( is not closed by )")]
    [InlineData("{{.Id)}}", 6, "')' is not expected here: }} is expected")]
    [InlineData("{{.Id \"x\"}}", 3, "this is no function, and takes no arguments")]
    [InlineData("{{upper}}", 3, "upper takes 1 value, and is given 0")]
    [InlineData("{{join .Tags}}", 3, "join takes 2 values, and is given 1")]
    [InlineData("{{upper .Size}}", 3, "a text is wanted here, not a number")]
    [InlineData("{{index .Tags 2}}", 3, "the list has 2 values; number 2 (counted from 0) is not one of them")]
    [InlineData("{{eq .Id 1}}", 3, "a text can't be compared with a number")]
    [InlineData("{{range .Id}}{{end}}", 9, "range goes over a list or a map, not over a text")]
    [InlineData("{{break}}", 3, "{{break}} stands in no range")]
    [InlineData("{{define \"x\"}}{{end}}", 3, "define is not known here: a format is one template")]
    [InlineData("{{nil}}", 3, "this is no command")]
    [InlineData("{{12abc}}", 3, "'12abc' is no number")]
    [InlineData("{{.Id ! }}", 7, "'!' has no meaning in a template")]
    public void What_is_wrong_is_told_with_its_column(string template, int column, string problem)
    {
        var error = Assert.Throws<TemplateException>(() => Template.Parse(template).Fill(Data));
        Assert.Equal($"--format, column {column}: {problem}", error.Message);
    }

    [Theory]
    [InlineData("{{range 100000}}{{range 100000}}{{end}}{{end}}", "steps")]
    [InlineData("{{$x := \"ab\"}}{{range 100}}{{$x = print $x $x}}{{end}}", "characters")]
    [InlineData("{{range 100000}}{{printf \"%1000d\" 1}}{{end}}", "characters")]
    public void A_template_that_would_never_end_or_fill_the_memory_is_stopped(string template, string limit) =>
        Assert.Contains(limit, Assert.Throws<TemplateException>(() => Template.Parse(template).Fill(Data)).Message, StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_and_long_texts_are_refused()
    {
        Assert.Throws<TemplateException>(() => Template.Parse("{{" + new string('(', 5000) + "1" + new string(')', 5000) + "}}"));
        Assert.Throws<TemplateException>(() => Template.Parse(string.Concat(Enumerable.Repeat("{{if 1}}", 5000))));
        Assert.Throws<TemplateException>(() => Template.Parse(new string('x', 100_000)));
    }

    [Fact]
    public void Escapes_between_actions_are_for_lists()
    {
        Assert.Equal("a\tb\n\\t", Template.Parse("a\\tb\\n{{`\\t`}}", escapes: true).Fill(Data));
        Assert.Equal("a\\tb", Template.Parse("a\\tb").Fill(Data));
    }

    [Fact]
    public void Whatever_is_typed_ends_in_a_text_or_in_one_sentence()
    {
        string[] pieces = ["{{", "}}", "{{-", " -}}", ".", ".Id", ".Tags", "$", "$x", ":=", "=", "|", "(", ")", " ", "if ", "range ", "with ", "else", "end", "index ", "json ", "printf ", "\"%d\"", "\"", "`", "'", "1", "-1.5", ",", "\\", "/*", "*/", "é", "\n"];
        Gen.Int[0, pieces.Length - 1].Select(piece => pieces[piece]).Array[0, 24].Sample(parts =>
        {
            try
            {
                Template.Parse(string.Concat(parts)).Fill(Data);
            }
            catch (TemplateException e)
            {
                Assert.StartsWith("--format, column ", e.Message, StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public void Text_without_actions_comes_out_as_it_went_in() =>
        Gen.String.Where(text => !text.Contains("{{", StringComparison.Ordinal)).Sample(text => Assert.Equal(text, Template.Parse(text).Fill(Data)));

    [Fact]
    public void A_quoted_text_is_that_text_again() =>
        Gen.String[Gen.Char[' ', '~'], 0, 30].Sample(text =>
            Assert.Equal(text, Template.Parse("{{" + JsonSerializerText(text) + "}}").Fill(Data)));

    [Fact]
    public void Json_is_read_back_as_the_same_value() =>
        Gen.Select(Gen.String, Gen.Long, Gen.Bool, Gen.String.Array[0, 4]).Sample((text, number, truth, list) =>
        {
            var value = Value.Of(("text", text), ("number", number), ("truth", truth), ("list", Value.Of(list)), ("nothing", Value.None));
            using var json = JsonDocument.Parse(ValueJson.Write(value));
            Assert.Equal(ValueJson.Write(value), ValueJson.Write(Ordered(ValueJson.Read(json.RootElement))));
        });

    [Fact]
    public void Json_holds_nothing_that_commands_a_terminal() =>
        Assert.Equal("\"\\u001B[2J\\u0007\\u009B\\u007F\"", ValueJson.Write("\e[2J\a\u009b\u007f"));

    private static string JsonSerializerText(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static Value Ordered(Value map) => Value.Of([.. new[] { "text", "number", "truth", "list", "nothing" }.Select(name => (name, ((Value.Map)map).Entries[name]))]);
}
