using CdfProvisioning.Iot.Policies;
using Xunit;

namespace CdfProvisioning.Core.Tests.Iot.Policies;

public sealed class PolicyDocumentTests
{
    private const string Statement = """{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}""";

    [Theory]
    [InlineData(5_000, "x", true)]
    [InlineData(0, "2048", false)]
    public void White_space_in_a_policy_document_does_not_count(int spaces, string id, bool isAccepted)
    {
        var long2048 = id == "2048" ? new string('x', 2_048) : id;
        Assert.Equal(isAccepted, Problem($$"""{ {{new string(' ', spaces)}}"Id":"{{long2048}}","Statement":{{Statement}} }""") is null);
    }

    [Theory]
    [InlineData(2_048, 0, true)]
    [InlineData(2_049, 0, false)]
    [InlineData(2_048, 404_600 - 2_048, true)]
    [InlineData(2_048, 404_600 - 2_048 + 1, false)]
    public void A_policy_document_may_be_as_long_as_AWS_says(int characters, int spaces, bool isAccepted)
    {
        const string frame = """{"Id":"","Statement":""" + Statement + "}";
        var document = frame.Replace("""Id":""", $"""Id":{new string(' ', spaces)}""", StringComparison.Ordinal)
            .Replace("\"\"", $"\"{new string('x', characters - frame.Length)}\"", StringComparison.Ordinal);
        Assert.Equal(characters + spaces, document.Length);

        Assert.Equal(isAccepted, Problem(document) is null);
    }

    [Theory]
    [InlineData("""{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["iot:*"],"Resource":["*"],"Condition":{}}]}""", null)]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"iot:Connect","Resource":"*"}}""", null)]
    [InlineData("""{"Version":"2020-01-01","Statement":[]}""", "Version")]
    [InlineData("""{"Version":"\ud800","Statement":[]}""", "not JSON")]
    [InlineData("""{"foo":1}""", "no Statement")]
    [InlineData("""{"Statement":[1]}""", "Statement 1")]
    [InlineData("""{"Statement":[{"Effect":"allow","Action":"a","Resource":"*"}]}""", "Effect")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":[],"Resource":"*"}]}""", "Action")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"a"}]}""", "Resource")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"a","Resource":"*","Condition":1}]}""", "Condition")]
    [InlineData("""{"Statement":{"Effect":"Allow","NotAction":"iot:Publish","NotResource":"arn:aws:iot:us-east-1:123456789012:topic/a"}}""", null)]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a","NotAction":"b","Resource":"*"}}""", "both Action and NotAction")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a","Resource":"sensors/1"}}""", "Policy document is Malformed: The following resources are invalid : sensors/1")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a","Resource":["*","topic/b","arn:aws:iot"]}}""", "invalid : topic/b, arn:aws:iot")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a","Resource":"arn:aws:iot:*:*:topic/${iot:ClientId}"}}""", null)]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a","Resource":"arn:${iot:ClientId}"}}""", "resources are invalid")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a","Resource":"*","Condition":{"StringSame":{"iot:ClientId":"a"}}}}""", "StringSame")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a","Resource":"*","Condition":{"StringEquals":"a"}}}""", "StringEquals")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("", "not JSON")]
    [InlineData("x", "The policy document is not JSON: 'x' is an invalid start of a value.")]
    public void What_is_malformed_is_said(string document, string? problem)
    {
        if (problem is null)
            Assert.Null(Problem(document));
        else
        {
            Assert.Contains(problem, Problem(document), StringComparison.Ordinal);
            Assert.DoesNotContain("LineNumber", Problem(document), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"iot:Publsh","Resource":"*"}}""", "iot:Publsh")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"iot:Publish","Resource":"*","Principal":"*"}}""", "Principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"iot:Publish","Resource":"*","Conditions":{}}}""", "'Conditions'")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:r:1:topic/${iot:ClientId}"}}""", "plain text")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:Publish","Resource":"arn:aws:iot:r:1:topic/${iot:Client}"}}""", "iot:Client")]
    [InlineData("""{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iot:*","iot:Pub*","iot:publish"],"Resource":"arn:aws:iot:r:1:topic/${iot:Certificate.Subject.CommonName.2}"}}""", null)]
    public void What_may_not_be_meant_is_a_warning(string document, string? warning)
    {
        var warnings = PolicyDocument.Parse(document).Warnings().ToList();
        if (warning is null)
            Assert.Empty(warnings);
        else
            Assert.Contains(warning, Assert.Single(warnings), StringComparison.Ordinal);
    }

    private static string? Problem(string document)
    {
        try
        {
            PolicyDocument.Check(document);
            return null;
        }
        catch (CdfException e)
        {
            Assert.Equal("MalformedPolicyException", e.ErrorTypeName);
            return e.Message;
        }
    }
}
