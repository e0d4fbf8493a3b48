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
    [InlineData("[]", "not a JSON object")]
    [InlineData("", "not JSON")]
    public void What_is_malformed_is_said(string document, string? problem)
    {
        if (problem is null)
            Assert.Null(Problem(document));
        else
            Assert.Contains(problem, Problem(document), StringComparison.Ordinal);
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
