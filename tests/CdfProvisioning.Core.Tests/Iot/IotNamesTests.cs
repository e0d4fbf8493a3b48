using System.Text.RegularExpressions;
using CdfProvisioning.Iot;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CdfProvisioning.Tests.Iot;

public sealed class IotNamesTests
{
    /// <summary>The patterns as AWS IoT's API Reference has them.</summary>
    private static readonly (string Pattern, Action<string> Check)[] Documented =
    [
        (@"^[a-zA-Z0-9:_-]{1,128}\z", IotNames.CheckThingName),
        (@"^[a-zA-Z0-9:_-]{1,128}\z", IotNames.CheckThingTypeName),
        (@"^[a-zA-Z0-9:_-]{1,128}\z", IotNames.CheckThingGroupName),
        (@"^[a-zA-Z0-9:_-]{1,128}\z", IotNames.CheckBillingGroupName),
        (@"^[a-zA-Z0-9_+=,.@-]{1,128}\z", IotNames.CheckPolicyName),
        (@"^[a-zA-Z0-9_.,@/:#-]{1,128}\z", IotNames.CheckAttributeName),
        (@"^[a-zA-Z0-9_.,@/:#=\[\]-]{0,800}\z", v => IotNames.CheckAttributeValue("a", v)),
        (@"^[a-fA-F0-9]{64}\z", IotNames.CheckCertificateId),
    ];

    [Fact]
    public void Every_single_character_is_accepted_just_where_AWS_documents_it()
    {
        foreach (var (pattern, check) in Documented)
        {
            for (var c = '\0'; c < 300; c++)
            {
                var value = new string(c, 64);
                Assert.True(Regex.IsMatch(value, pattern) == Accepts(check, value), $"{pattern}: U+{(int)c:X4}");
            }
        }
    }

    [Fact]
    public void Any_text_is_accepted_just_where_AWS_documents_it() =>
        Prop.ForAll<string>(text => text is null || Documented.All(d => Regex.IsMatch(text, d.Pattern) == Accepts(d.Check, text)))
            .QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(800)]
    [InlineData(801)]
    public void A_length_is_accepted_just_where_AWS_documents_it(int length)
    {
        var value = new string('a', length);
        Assert.All(Documented, d => Assert.Equal(Regex.IsMatch(value, d.Pattern), Accepts(d.Check, value)));
    }

    [Fact]
    public void A_refusal_names_the_value_and_the_pattern() =>
        Assert.Equal(
            "Thing name 'my thing' does not match [a-zA-Z0-9:_-]{1,128}.",
            Assert.Throws<CdfException>(() => IotNames.CheckThingName("my thing")).Message);

    [Fact]
    public void A_private_key_in_the_place_of_a_name_is_not_shown()
    {
        var error = Assert.Throws<CdfException>(() => IotNames.CheckThingName("-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n"));
        Assert.DoesNotContain("MIGH", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, false, true)]
    [InlineData(4, false, false)]
    [InlineData(50, true, true)]
    [InlineData(51, true, false)]
    public void A_thing_has_three_attributes_without_a_type_and_fifty_with_one(int count, bool hasType, bool accepted)
    {
        var attributes = Enumerable.Range(0, count).ToDictionary(i => $"a{i}", i => "v");
        Assert.Equal(accepted, Accepts(_ => IotNames.CheckAttributes(attributes, hasType), ""));
    }

    private static bool Accepts(Action<string> check, string value)
    {
        try
        {
            check(value);
            return true;
        }
        catch (CdfException)
        {
            return false;
        }
    }
}
